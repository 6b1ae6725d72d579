import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** This repository's root, where `npm run build` has left `dist`. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, in the environment of a user's shell. */
export function ran(command: string, args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: userEnv(),
    encoding: 'utf8',
    timeout: 240_000,
  });
  if (error !== undefined) throw error;
  return { code: status, stdout, stderr };
}

/** The same, for what has to succeed. */
export function succeeded(command: string, args: readonly string[], cwd: string): string {
  const { code, stdout, stderr } = ran(command, args, cwd);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stdout}\n${stderr}`);
}

export interface Started {
  /** The leader of a process group of its own, as a shell's foreground job is. */
  readonly child: ChildProcess;
  /** Resolves when what it has printed matches; rejects when it ends before. */
  readonly printed: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<Ran>;
}

/** Starts a program as the foreground job of a terminal: a signal to its group is a key of that terminal. */
export function started(command: string, args: readonly string[], cwd: string, env = userEnv()): Started {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(said.stdout)) return;
        child.stdout.off('data', look);
        resolve();
      };
      child.stdout.on('data', look);
      void ended.then(() => {
        reject(new Error(`It ended before it had printed ${String(pattern)}:\n${said.stdout}${said.stderr}`));
      });
      look();
    });
  return { child, printed, ended };
}

/** Without what npm and the test runner tell their children: npm would take this repository for the project. */
export function userEnv(): NodeJS.ProcessEnv {
  const foreign =
    /^(npm_package_|npm_lifecycle_|npm_config_(local_|global_)?prefix$|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
