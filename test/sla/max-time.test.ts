import { asyncScheduler, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf, systemClock } from '../../src/clock/index.ts';
import type { Violation } from '../../src/events/index.ts';
import { maxTime } from '../../src/sla/index.ts';
import { deadline } from '../../src/sla/deadline.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from '../operators/marbles.ts';
import { guardedIn } from './guarded.ts';

function overdue(observedAt: number): Violation {
  return {
    rule: 'evaluationTimeMs',
    limit: 3,
    observed: 3,
    unit: 'ms',
    action: 'abort',
    evaluationId: 'e-1',
    observedAt,
    deadlineAt: observedAt,
    lateByHostMs: 0,
    pausedMs: 0,
    message: '"vs-random" had not answered 3 ms after its start (evaluationTimeMs)',
  };
}

describe('maxTime(3)', () => {
  it.each([
    ['never started', '-', '-', '^'],
    ['ended without a start', '--|', '--|', '^-!'],
    ['started at once', '(s|)', '---(v|)', '(^!)'],
    ['started later', '--s|', '-----(v|)', '^-!'],
    ['started twice, of which the first counts', '-s-s--|', '----(v|)', '^!'],
    ['an error of the start', '--#', '--#', '^-!'],
  ])('takes an evaluation that has %s', (_case, started, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const started$ = cold<undefined>(started, { s: undefined });
      expectObservable(maxTime(3)(guardedIn(scheduler, { started$ }))).toBe(expected, {
        v: overdue(expected.indexOf('(')),
      });
      expectSubscriptions(started$.subscriptions).toBe(subscription);
    })();
  });

  it('leaves no timer when its subscriber leaves', async () => {
    const clock = new VirtualClock();
    const started$ = new Subject<void>();
    const subscription = maxTime(3)(guardedIn(schedulerOf(clock), { started$ })).subscribe({ error: unexpected });
    started$.next();
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(2);
    subscription.unsubscribe();
    expect(clock.pendingTimers).toBe(0);
    expect(started$.observed).toBe(false);
  });

  it('tells wall-clock moments and durations apart, and how late the host was', () => {
    const clock = new VirtualClock({ startMs: 100, wallMs: 5_000 });
    let now = 100;
    const late = { ...clockLike(clock), now: () => now, wallNow: () => 4_900 + now };
    const seen: Violation[] = [];
    const timers: (() => void)[] = [];
    const scheduler = schedulerOf({ ...late, setTimeout: (task) => (timers.push(task), () => undefined) });
    maxTime(50, { action: 'warn' })(guardedIn(scheduler)).subscribe({
      next: (each) => seen.push(each),
      error: unexpected,
    });

    now = 220; // the loop was busy for 70 ms after the deadline
    while (timers.length > 0) timers.shift()?.();

    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      action: 'warn',
      limit: 50,
      observed: 120,
      lateByHostMs: 70,
      deadlineAt: 5_050,
      observedAt: 5_120,
    });
  });

  it.each([0, -1, NaN, Infinity, '30m', undefined])('refuses a limit of %s', (limit) => {
    expect(() => maxTime(limit as number)).toThrow(
      /^maxTime takes a limit in milliseconds, a finite number above 0, but /,
    );
  });
});

function clockLike(clock: VirtualClock) {
  return { now: () => clock.now(), wallNow: () => clock.wallNow() };
}

it('counts from the subscription where nobody told a start', () => {
  marbles(({ expectObservable, scheduler }) => {
    const few = { ...guardedIn(scheduler), started$: undefined } as never;
    expectObservable(maxTime(3)(few)).toBe('---(v|)', { v: overdue(3) });
  });
});

describe('deadline', () => {
  it.each([
    ['asyncScheduler', asyncScheduler],
    ['the system clock', schedulerOf(systemClock)],
  ])('hears on %s what had come while the loop was busy', async (_name, scheduler) => {
    const { port1, port2 } = new MessageChannel();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      port2.on('message', () => {
        order.push('answer');
        if (order.length === 2) resolve();
      });
      deadline(20, scheduler).subscribe({
        next: () => {
          order.push('deadline');
          if (order.length === 2) resolve();
        },
        error: unexpected,
      });
      port1.postMessage('in time');
      busyFor(60);
    });
    port1.close();
    expect(order).toEqual(['answer', 'deadline']);
  });

  it(
    'comes after all that waits for the same moment',
    marbles(({ cold, expectObservable, scheduler }) => {
      const order: string[] = [];
      deadline(3, scheduler).subscribe({ next: () => order.push('deadline'), error: unexpected });
      cold('---a').subscribe({ next: () => order.push('answer'), error: unexpected });
      expectObservable(of(order)).toBe('(a|)', { a: ['answer', 'deadline'] });
    }),
  );
});

function busyFor(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
