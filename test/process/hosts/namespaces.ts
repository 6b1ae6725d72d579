import { spawnSync } from 'node:child_process';

/**
 * A command that runs what stands behind it with mounts of its own, after a few lines of shell in which they are made. It takes
 * root.
 */
export function inOwnMounts(script: string): readonly string[] {
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-c', `{ ${script}; } && exec "$@"`, 'sh'];
}

/** Whether such a script succeeds here. */
export function canMount(script: string): boolean {
  const [command, ...args] = [...inOwnMounts(script), 'true'];
  return spawnSync(command, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** What stands behind it finds no control group (version 2) that it could write to. */
export const withoutControlGroups = inOwnMounts(
  `grep ' cgroup2 ' /proc/self/mounts | while read -r _ folder _; do umount -l "$folder"; done`,
);
