// Tells which process it is and how many evaluations that has served; at a word it does harm instead.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

let served = 0;
let ticks = 0;
let ticker;

export default async ({ does, folder } = {}, { signal, item }) => {
  served++;
  const before = ticks;
  if (does === 'leave a timer') ticker ??= setInterval(() => ticks++, 1);
  if (does === 'leave a child') spawn('sleep', ['600'], { stdio: 'ignore' });
  if (does === 'throw') throw new Error('as it was told');
  if (does === 'take its time') await new Promise((resolve) => setTimeout(resolve, 1500));
  if (does === 'spin') for (;;);
  if (does === 'wait') await item('waiting', () => new Promise((resolve) => signal.addEventListener('abort', resolve)));
  if (does === 'see its environment') return process.env.PITWALL_EVALUATION;
  if (does === 'see its letters') return readFileSync(`${folder}/mailbox`, 'latin1');
  console.log(`evaluation ${served} in ${process.pid}`);
  return { pid: process.pid, served, ticks: ticks - before };
};
