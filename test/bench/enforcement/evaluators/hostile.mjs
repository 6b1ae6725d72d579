// One evaluator that misbehaves in every way there is, so that everybody is tried with the same code.
import { execSync, spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { nowMs, openBoard } from './board.mjs';

/** Takes a MB a millisecond, which is about 1 GB/s, outside of V8's heap; not without end, for the machine's sake. */
function eat(nowMs, took) {
  const kept = [];
  const beganMs = nowMs();
  for (;;) {
    if (kept.length > Math.min(nowMs() - beganMs, 3000)) continue;
    kept.push(Buffer.alloc(2 ** 20, 1));
    took(kept.length);
  }
}
const eater = `(${eat})(() => Number(process.hrtime.bigint()) / 1e6, () => undefined)`;

const never = () => new Promise(() => setInterval(() => undefined, 60_000));

const ways = {
  spins: ({ beat }) => {
    for (;;) beat();
  },
  'ignores its signal': ({ beat }, { token, isOwnProcess }) => {
    if (isOwnProcess) process.on('SIGTERM', () => undefined);
    beat();
    execSync(`sleep ${token}`, { stdio: 'ignore' });
  },
  'eats memory': ({ beat, took }) =>
    eat(nowMs, (mb) => {
      took(mb);
      beat();
    }),
  'eats memory in a thread': () => {
    new Worker(eater, { eval: true });
    return never();
  },
  'eats memory in a grandchild': (board, { token }) => {
    spawn(process.execPath, ['-e', eater, token], { stdio: 'ignore' });
    return never();
  },
  'leaves a child': ({ beat }, { token }) => {
    spawn('sleep', [token], { stdio: 'ignore' }).unref();
    beat();
    return never();
  },
  'leaves a child in its own session': ({ beat }, { token }) => {
    spawn('sleep', [token], { stdio: 'ignore', detached: true }).unref();
    beat();
    return never();
  },
  'holds memory, with children': ({ beat }, { token, mb }) => {
    const kept = Buffer.alloc(mb * 2 ** 20, 1);
    spawn('sleep', [token], { stdio: 'ignore' });
    spawn('sleep', [token], { stdio: 'ignore', detached: true });
    for (;;) {
      beat();
      kept[0] = (kept[0] ?? 0) + 1;
    }
  },
};

export default (input) => ways[input.way](openBoard(input.board), input);
