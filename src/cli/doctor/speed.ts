import { setTimeout as wait } from 'node:timers/promises';

const windowMs = 50;
const windows = 12;

/** How fast a training would go now: turns of a loop a millisecond, over more than half a second. */
export async function speedOf({ settleMs = 0 }: { readonly settleMs?: number } = {}): Promise<number> {
  await wait(settleMs);
  let turns = 0;
  let tookMs = 0;
  for (let window = 0; window < windows; window++) {
    const beganMs = performance.now();
    let value = 0;
    while (performance.now() - beganMs < windowMs) {
      for (let turn = 0; turn < 1_000; turn++) value += Math.sqrt(turn + value);
      turns++;
    }
    tookMs += performance.now() - beganMs;
    if (Number.isNaN(value)) throw new Error('the loop has gone wrong');
    await wait(0);
  }
  return turns / tookMs;
}
