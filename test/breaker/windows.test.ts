import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { CountWindow } from '../../src/breaker/count-window.ts';
import { TimeWindow } from '../../src/breaker/time-window.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { call } from './calls.ts';

const outcome = fc.record({ failed: fc.boolean(), slow: fc.boolean() });

function sum(calls: readonly { failed: boolean; slow: boolean }[]) {
  return {
    calls: calls.length,
    failed: calls.filter(({ failed }) => failed).length,
    slow: calls.filter(({ slow }) => slow).length,
  };
}

describe('a count window', () => {
  it('sums up the last calls, as a list cut to its size does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(outcome, { maxLength: 40 }), (size, outcomes) => {
        const window = new CountWindow(size);
        for (const { failed, slow } of outcomes) window.record(failed, slow);
        expect(window.figures).toEqual(sum(outcomes.slice(-size)));
      }),
      { seed: 1 },
    );
  });

  it('goes on from a snapshot as if nothing had been, also in a smaller window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(outcome, { maxLength: 20 }),
        fc.array(outcome, { maxLength: 20 }),
        (size, laterSize, before, after) => {
          const first = new CountWindow(size);
          for (const { failed, slow } of before) first.record(failed, slow);
          const second = new CountWindow(laterSize);
          second.load(first.save());
          for (const { failed, slow } of after) second.record(failed, slow);
          expect(second.figures).toEqual(sum([...before.slice(-size), ...after].slice(-laterSize)));
        },
      ),
      { seed: 2 },
    );
  });
});

describe('a time window', () => {
  const sizeMs = 6400; // slots of 100 ms

  it.each([
    { atMs: 0, laterMs: 6399, counted: true },
    { atMs: 0, laterMs: 6400, counted: false },
    { atMs: 99, laterMs: 6300, counted: true },
    { atMs: 99, laterMs: 6301, counted: false },
    { atMs: 1050, laterMs: 6349, counted: true },
    { atMs: 1050, laterMs: 6350, counted: false },
    { atMs: 0, laterMs: 1e9, counted: false },
    { atMs: -50, laterMs: 6349, counted: true },
    { atMs: -50, laterMs: 6350, counted: false },
  ])('of 6400 ms counts a call made at $atMs ms after $laterMs ms: $counted', ({ atMs, laterMs, counted }) => {
    const window = new TimeWindow(sizeMs);
    window.record(true, true, atMs);

    window.forget(atMs + laterMs);

    expect(window.figures).toEqual(sum(counted ? [{ failed: true, slow: true }] : []));
  });

  it.each([6400, 6450, 9000, 12_700, 12_800, 1e9])(
    'is empty after %d ms of idleness, however full it was',
    (idleMs) => {
      const window = new TimeWindow(sizeMs);
      for (let atMs = 0; atMs < sizeMs; atMs += 50) window.record(true, false, atMs);
      const full = window.figures.calls;

      window.forget(sizeMs - 50 + idleMs);

      expect(full).toBe(128);
      expect(window.figures).toEqual(sum([]));
    },
  );

  it('never counts a call older than its size, and forgets one at most a slot early', () => {
    const schedule = fc.array(fc.tuple(fc.double({ min: 0, max: 3000, noNaN: true }), outcome), { maxLength: 60 });
    fc.assert(
      fc.property(fc.double({ min: -1e4, max: 1e6, noNaN: true }), schedule, (startMs, steps) => {
        const window = new TimeWindow(sizeMs);
        const made: { atMs: number; failed: boolean; slow: boolean }[] = [];
        let nowMs = startMs;
        for (const [waitMs, { failed, slow }] of steps) {
          nowMs += waitMs;
          window.record(failed, slow, nowMs);
          made.push({ atMs: nowMs, failed, slow });
          const youngEnough = made.filter(({ atMs }) => nowMs - atMs <= sizeMs);
          const surely = made.filter(({ atMs }) => nowMs - atMs <= sizeMs - sizeMs / 64);
          expect(window.figures.calls).toBeLessThanOrEqual(youngEnough.length);
          expect(window.figures.calls).toBeGreaterThanOrEqual(surely.length);
          // Calls leave oldest first, so their number tells which ones are left.
          expect(window.figures).toEqual(sum(made.slice(made.length - window.figures.calls)));
        }
      }),
      { seed: 3 },
    );
  });

  it('forgets failures from before an idle gap', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, slidingWindow: { type: 'time', sizeMs: 10_000 } });
    call(breaker, 'xx');

    await clock.advance(300_000);
    call(breaker, 'x');

    expect(breaker.state).toBe('closed');
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 1, failureRate: null });
  });

  it('opens on the calls of its time, and forgets by the mere reading of its metrics', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, slidingWindow: { type: 'time', sizeMs: 10_000 } });
    call(breaker, '..');
    await clock.advance(10_000);
    const { bufferedCalls } = breaker.metrics;

    call(breaker, 'xx.');

    expect(bufferedCalls).toBe(0);
    expect(breaker.state).toBe('open');
    await clock.advance(30_000);
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 3, failedCalls: 2 }); // what opened it stays to be read
  });

  it('may ask for more calls than any count', () => {
    const breaker = new CircuitBreaker({
      clock: new VirtualClock(),
      slidingWindow: { type: 'time', sizeMs: 10 },
      minimumNumberOfCalls: 100,
    });

    call(breaker, 'x'.repeat(99));
    const before = breaker.state;
    call(breaker, 'x');

    expect([before, breaker.state]).toEqual(['closed', 'open']);
  });
});
