import type { Clock } from '../clock/index.ts';

/** Settles as the work does; where it has not within the limit, rejects with `late()`, and what becomes of the work is ignored. */
export function inTime<T>(work: Promise<T>, clock: Clock, limitMs: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancelTimer = clock.setTimeout(() => {
      reject(late());
    }, limitMs);
    const settled = (): void => {
      cancelTimer();
      work.then(resolve, reject);
    };
    work.then(settled, settled);
  });
}
