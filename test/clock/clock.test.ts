import { asyncScheduler, interval, take, timer, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, vi } from 'vitest';
import { clockOf, schedulerOf, systemClock } from '../../src/clock/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

describe('the virtual clock', () => {
  it('runs due timers in the order of their time, then of their making, and stands at its end', async () => {
    const clock = new VirtualClock();
    const rung: string[] = [];
    clock.setTimeout(() => rung.push(`b at ${clock.now()}`), 20);
    clock.setTimeout(() => rung.push(`a at ${clock.now()}`), 10);
    clock.setTimeout(() => rung.push(`c at ${clock.now()}`), 20);
    clock.setTimeout(() => rung.push('never'), 31);

    await clock.advance(30);

    expect(rung).toEqual(['a at 10', 'b at 20', 'c at 20']);
    expect(clock.now()).toBe(30);
    expect(clock.pendingTimers).toBe(1);
  });

  it('drains microtasks between timers, and runs timers that those have set', async () => {
    const clock = new VirtualClock();
    const rung: string[] = [];
    clock.setTimeout(() => {
      void Promise.resolve().then(() => clock.setTimeout(() => rung.push(`chained at ${clock.now()}`), 5));
    }, 10);
    clock.setTimeout(() => rung.push(`later at ${clock.now()}`), 20);

    await clock.advance(20);

    expect(rung).toEqual(['chained at 15', 'later at 20']);
  });

  // The shorter one set it back, and a monotonic clock is not.
  it('never goes back, where two advances overlap', async () => {
    const clock = new VirtualClock();
    await Promise.all([clock.advance(20), clock.advance(10)]);
    expect(clock.now()).toBe(20);
  });

  it('takes a time that is none as 0, as a negative one', async () => {
    const clock = new VirtualClock();
    const rung: number[] = [];
    for (const ms of [NaN, -1]) clock.setTimeout(() => rung.push(clock.now()), ms);
    await clock.advance(5);
    expect(rung).toEqual([0, 0]);
    expect(clock.now()).toBe(5);
  });

  // Faked turns of the event loop never come, so that nothing was ever awaited to its end.
  it('moves under the fake timers of a test runner too', async () => {
    vi.useFakeTimers();
    try {
      const clock = new VirtualClock();
      const later = new Promise<string>(
        (resolve) =>
          void clock.setTimeout(() => {
            resolve('rung');
          }, 10),
      );
      await clock.advance(5);
      expect(await clock.runUntil(later)).toBe('rung');
    } finally {
      vi.useRealTimers();
    }
  });

  it('forgets what is cancelled', async () => {
    const clock = new VirtualClock();
    const task = vi.fn();
    clock.setTimeout(task, 5)();

    await clock.advance(10);

    expect(task).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps monotonic time when the wall clock is set back', () => {
    const clock = new VirtualClock({ wallMs: 5_000 });
    clock.setWall(1_000);

    expect(clock.now()).toBe(0);
    expect(clock.wallNow()).toBe(1_000);
  });

  it.each([-1, NaN, Infinity])('does not advance by %s', async (ms) => {
    await expect(new VirtualClock().advance(ms)).rejects.toThrow(RangeError);
  });
});

describe('the bridges', () => {
  it('let RxJS’s own operators run on a clock', async () => {
    const clock = new VirtualClock();
    const ticks: number[] = [];
    interval(10, schedulerOf(clock))
      .pipe(take(3))
      .subscribe(() => ticks.push(clock.now()));

    await clock.advance(100);

    expect(ticks).toEqual([10, 20, 30]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leave no timer behind an unsubscription', () => {
    const clock = new VirtualClock();

    timer(1000, schedulerOf(clock)).subscribe().unsubscribe();

    expect(clock.pendingTimers).toBe(0);
  });

  it('there and back again is the same clock', () => {
    const clock = new VirtualClock();

    expect(clockOf(schedulerOf(clock))).toBe(clock);
    expect(clockOf(asyncScheduler)).toBe(systemClock);
  });

  it('make a TestScheduler the only time', () => {
    const scheduler = new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });
    scheduler.run(({ expectObservable }) => {
      const clock = clockOf(scheduler);
      const rung$ = interval(7, schedulerOf(clock)).pipe(take(2), toArray());
      expectObservable(rung$).toBe('14ms (a|)', { a: [0, 1] });
    });
  });
});

describe('the system clock', () => {
  it('rings, and not after it was cancelled', async () => {
    const cancelled = vi.fn();
    systemClock.setTimeout(cancelled, 1)();
    // A timer that keeps the process alive, since the clock's own does not.
    const alive = setInterval(() => undefined, 1000);
    const from = systemClock.now();

    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5));

    clearInterval(alive);
    expect(systemClock.now()).toBeGreaterThanOrEqual(from + 4);
    expect(cancelled).not.toHaveBeenCalled();
  });
});
