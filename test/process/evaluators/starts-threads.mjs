// Starts a thread of its own, which writes the time as fast as it can, and then ends as it is told: without a word to that thread.
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers';
import { Worker } from 'node:worker_threads';
const heart = `
  const { openSync, writeSync } = require('node:fs');
  const fd = openSync(require('node:worker_threads').workerData, 'w');
  for (;;) writeSync(fd, String(Date.now()), 0);`;
export default async ({ path, then }) => {
  new Worker(heart, { eval: true, workerData: path });
  while (!existsSync(path) || readFileSync(path, 'utf8') === '') await new Promise(setImmediate);
  if (then === 'exits') process.exit(3);
  while (then === 'spins');
  return 'answered';
};
