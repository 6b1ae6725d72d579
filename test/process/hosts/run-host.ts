import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { siblingEntry } from '../../../src/executors/sibling-url.ts';

/** A host program beside this file, in a process of its own, and the JSON lines it prints. */
export interface Host {
  readonly child: ChildProcess;
  /** Resolves to the next line that has the given key, as an object; rejects when the host ends before. */
  next(key: string, value?: unknown): Promise<Record<string, unknown>>;
  /** The next such line that it has told already, if there is one. */
  taken(key: string, value: unknown): Record<string, unknown> | undefined;
  /** Its exit code, and the signal that ended it. */
  readonly exited: Promise<readonly [number | null, NodeJS.Signals | null]>;
}

/** Where a host runs. */
export interface Surroundings {
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that becomes the host: the host's own stands behind it. */
  readonly through?: readonly string[];
  /** A group of its own, as a shell gives to each of its jobs. */
  readonly hasOwnGroup?: boolean;
  /** Where what it says on stderr goes: here it is no failure. */
  readonly stderr?: 'inherit' | 'ignore';
}

/** Starts the program of this name with these arguments; its stdin is open. */
export function runHost(
  name: string,
  args: readonly string[] = [],
  { env = {}, through = [], hasOwnGroup = false, stderr = 'inherit' }: Surroundings = {},
): Host {
  const script = fileURLToPath(siblingEntry(`./${name}`, import.meta.url));
  const [command = '', ...rest] = [...through, process.execPath, script, ...args];
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', stderr],
    env: { ...process.env, ...env },
    detached: hasOwnGroup,
  });
  child.stdin.on('error', () => undefined); // it has ended: that is told by `exited`
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const listener of [...listeners]) listener();
  });
  const taken = (key: string, value?: unknown): Record<string, unknown> | undefined => {
    const index = lines.findIndex((line) => key in line && (value === undefined || line[key] === value));
    return index === -1 ? undefined : lines.splice(index, 1)[0];
  };
  return {
    child,
    exited,
    taken,
    next: (key, value) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = taken(key, value);
          if (line === undefined) return;
          listeners.delete(look);
          resolve(line);
        };
        listeners.add(look);
        void exited.then(([code, signal]) =>
          setImmediate(() => {
            reject(new Error(`${name} ended (${signal ?? `code ${code ?? '?'}`}) before it told "${key}"`));
          }),
        );
        look();
      }),
  };
}
