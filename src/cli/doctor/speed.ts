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

/** How many evaluations can stand beside the training at once: one on each core, as far as there is memory for them. */
export function besideCount(cores: number, totalMemoryMb: number, memoryMb: number): number {
  return Math.max(1, Math.min(cores, Math.floor(totalMemoryMb / memoryMb)));
}
