// Prints numbered lines and one on stderr, and ends in the same breath as it is told.
import { setImmediate } from 'node:timers';
export default async ({ lines, then }) => {
  if (then === 'answers late') await new Promise(setImmediate);
  for (let line = 1; line <= lines; line++) console.log(`line ${line} of many, printed just before the end`);
  console.error('the only line on stderr');
  if (then === 'throws') throw new Error('thrown right after it had printed');
  if (then === 'exits') process.exit(3);
  while (then === 'spins');
  return 'answered';
};
