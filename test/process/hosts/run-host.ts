import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A host program beside this file, in a process of its own, and the JSON lines it prints. */
export interface Host {
  readonly child: ChildProcess;
  /** Resolves to the next line that has the given key, as an object; rejects when the host ends before. */
  next(key: string): Promise<Record<string, unknown>>;
  readonly exited: Promise<unknown>;
}

/** Starts `name.ts`; its arguments follow. */
export function runHost(name: string, ...args: readonly string[]): Host {
  const script = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const listener of [...listeners]) listener();
  });
  return {
    child,
    exited,
    next: (key) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const index = lines.findIndex((line) => key in line);
          if (index === -1) return;
          listeners.delete(look);
          resolve(lines.splice(index, 1)[0] ?? {});
        };
        listeners.add(look);
        const ended = new Error(`${name} ended before it told "${key}"`);
        void exited.then(() =>
          setImmediate(() => {
            reject(ended);
          }),
        );
        look();
      }),
  };
}
