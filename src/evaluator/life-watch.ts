import { Worker } from 'node:worker_threads';
import { lifeVariable } from '../wire/evaluator-side.ts';

/**
 * The watch's own program, plain JavaScript: a worker thread of a process that was started from TypeScript's source may have no
 * loader for it. It kills what the process has started, as far as it is seen, and then the process.
 */
const watch = `
const { readdirSync, readFileSync } = require('node:fs');
const { Socket } = require('node:net');
const { workerData } = require('node:worker_threads');
const attempt = (what, otherwise) => { try { return what(); } catch { return otherwise; } };
const childrenOf = (pid) =>
  attempt(() => readdirSync('/proc/' + pid + '/task'), []).flatMap((thread) =>
    attempt(() => readFileSync('/proc/' + pid + '/task/' + thread + '/children', 'latin1'), '')
      .split(' ').filter(Boolean).map(Number));
const end = () => {
  const tree = new Set([process.pid]);
  for (const pid of tree) for (const child of childrenOf(pid)) tree.add(child);
  for (const pid of [...tree].reverse()) attempt(() => process.kill(pid, 'SIGKILL'));
};
const life = new Socket({ fd: workerData, readable: true, writable: false });
life.on('error', () => undefined).on('close', end).resume();
`;

/**
 * Ends this process when its supervisor dies, where the kernel does not: a thread of its own holds the pipe whose other end only
 * the supervisor has, so that it also sees the end while the main thread spins. Does nothing where it is not asked for.
 */
export function watchLife(env: Readonly<Record<string, string | undefined>> = process.env): void {
  const fd = env[lifeVariable];
  if (fd === undefined) return;
  new Worker(watch, { eval: true, execArgv: [], workerData: Number(fd) })
    .on('error', () => undefined) // no memory or no thread for it: then it is not watched
    .unref();
}
