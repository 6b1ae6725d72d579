import { asyncScheduler, Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import type { Clock } from './clock.ts';
import { systemClock } from './system-clock.ts';

/** The clocks behind our own schedulers, so that there and back again is the same clock. */
const clocks = new WeakMap<SchedulerLike, Clock>();

/**
 * Gives a clock as an RxJS scheduler, so that RxJS's own operators run on it too: `timeout(1000, schedulerOf(clock))`.
 *
 * `now()` of the scheduler is the clock's monotonic time.
 */
export function schedulerOf(clock: Clock): SchedulerLike {
  const scheduler: SchedulerLike = {
    now: () => clock.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
      const action = new Subscription() as SchedulerAction<T>;
      let cancel: (() => void) | undefined;
      const plan = (nextState: T | undefined, ms: number): void => {
        cancel?.();
        cancel = clock.setTimeout(() => {
          cancel = undefined;
          if (!action.closed) work.call(action, nextState);
        }, ms);
      };
      action.schedule = (nextState?: T, ms = 0): Subscription => {
        if (!action.closed) plan(nextState, ms);
        return action;
      };
      action.add(() => cancel?.());
      return action.schedule(state, delayMs);
    },
  };
  clocks.set(scheduler, clock);
  return scheduler;
}

/**
 * Gives an RxJS scheduler as a clock: in a marble test the TestScheduler is then the only time.
 *
 * Both `now()` and `wallNow()` are the scheduler's. The asyncScheduler gives the {@link systemClock}, whose time is monotonic.
 */
export function clockOf(scheduler: SchedulerLike): Clock {
  if (scheduler === asyncScheduler) return systemClock;
  const bridged = clocks.get(scheduler);
  if (bridged !== undefined) return bridged;
  return {
    now: () => scheduler.now(),
    wallNow: () => scheduler.now(),
    setTimeout: (task, ms) => {
      const subscription = scheduler.schedule(
        () => {
          task();
        },
        Math.max(0, ms),
      );
      return () => {
        subscription.unsubscribe();
      };
    },
  };
}
