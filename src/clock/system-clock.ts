import type { Clock } from './clock.ts';

/** Above 2^31-1 ms Node fires a timer at once: longer waits are slept in slices. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimeout: (task, ms) => {
    let timer: NodeJS.Timeout;
    const sleep = (leftMs: number): void => {
      const sliceMs = Math.min(leftMs, longestTimerMs);
      timer = setTimeout(() => {
        if (leftMs > sliceMs) sleep(leftMs - sliceMs);
        else task();
      }, sliceMs);
      timer.unref();
    };
    sleep(Math.max(0, ms));
    return () => {
      clearTimeout(timer);
    };
  },
};
