import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import type { JournalledEvent } from '../../src/events/index.ts';
import { replayRun } from '../../src/replay/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { custom } from '../journal/events.ts';
import { heardIn } from './records.ts';

const told = (seq: number, at: number): JournalledEvent => ({ ...custom(seq), at });

describe('replayRun', () => {
  it('tells each event at its recorded time, counted from the first, and completes with the last', () => {
    const scheduler = new VirtualTimeScheduler();
    const events = [told(1, 5000), told(2, 5000), told(3, 5003), told(4, 9000)];

    const [heard] = heardIn(scheduler, [replayRun(events, scheduler)]);

    expect(heard).toEqual({
      told: [
        [0, events[0]],
        [0, events[1]],
        [3, events[2]],
        [4000, events[3]],
      ],
      completedMs: 4000,
    });
  });

  it('keeps the order where the wall clock was set back, and waits until it is past that moment again', () => {
    const scheduler = new VirtualTimeScheduler();
    const events = [told(1, 1000), told(2, 1500), told(3, 1200), told(4, 1600)];

    const [heard] = heardIn(scheduler, [replayRun(events, scheduler)]);

    expect(heard?.told.map(([ms, { seq }]) => [ms, seq])).toEqual([
      [0, 1],
      [500, 2],
      [500, 3],
      [600, 4],
    ]);
  });

  it('completes at once where there are no events', () => {
    const scheduler = new VirtualTimeScheduler();

    expect(heardIn(scheduler, [replayRun([], scheduler)])).toEqual([{ told: [], completedMs: 0 }]);
  });

  it('is cold: who comes later hears it from the first event', async () => {
    const clock = new VirtualClock();
    const run$ = replayRun([told(1, 0), told(2, 100)], schedulerOf(clock));
    const heard: string[] = [];
    const first = run$.subscribe(({ seq }) => heard.push(`first ${seq}`));
    await clock.advance(60);

    const second = run$.subscribe(({ seq }) => heard.push(`second ${seq}`));
    await clock.advance(100);

    expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
    expect([first.closed, second.closed, clock.pendingTimers]).toEqual([true, true, 0]);
  });

  it('holds one timer, and none once it is unsubscribed from', async () => {
    const clock = new VirtualClock();
    const subscription = replayRun([told(1, 0), told(2, 10), told(3, 20)], schedulerOf(clock)).subscribe();
    await clock.advance(5);
    expect(clock.pendingTimers).toBe(1);

    subscription.unsubscribe();

    expect(clock.pendingTimers).toBe(0);
  });

  it('tells no more to who leaves in the middle of events of one moment', () => {
    const scheduler = new VirtualTimeScheduler();
    const heard: number[] = [];
    const subscription = replayRun([told(1, 0), told(2, 0), told(3, 0)], scheduler).subscribe(({ seq }) => {
      heard.push(seq);
      if (seq === 2) subscription.unsubscribe();
    });

    scheduler.flush();

    expect(heard).toEqual([1, 2]);
  });

  it('tells two hundred thousand events of eight hours without a growing stack or list of timers', () => {
    const scheduler = new VirtualTimeScheduler();
    const events = Array.from({ length: 200_000 }, (_, index) => told(index + 1, index * 144));
    let most = 0;
    let count = 0;
    const subscription = replayRun(events, scheduler).subscribe(() => {
      count++;
      most = Math.max(most, scheduler.actions.length);
    });

    scheduler.flush();

    expect({ count, most, ms: scheduler.now(), closed: subscription.closed }).toEqual({
      count: 200_000,
      most: 0,
      ms: 199_999 * 144,
      closed: true,
    });
  });
});
