import { describe, expect, it } from 'vitest';
import { sampledMetrics } from '../../src/operators/index.ts';
import { fakeProbe, marbles, VirtualClock } from '../../src/testing/index.ts';
import { failureOf } from './failure-of.ts';

describe('fakeProbe', () => {
  it('answers as its script says, and with null when that is over', () => {
    marbles(({ scheduler, expectObservable }) => {
      const probe = fakeProbe([3, null, undefined, new Error('no GPU'), 0, NaN, 7], { scheduler });
      const metric$ = sampledMetrics(probe, { everyMs: 1, scheduler });
      expectObservable(metric$, '^--------!').toBe('3nnn0n7nn', { 3: 3, 0: 0, 7: 7, n: null });
    });
  });

  it('takes its time, and a slow answer is not overlapped by the next', () => {
    marbles(({ scheduler, expectObservable }) => {
      const probe = fakeProbe([3, { afterMs: 5, value: 7 }, { afterMs: 1, error: new Error('no') }, { never: true }], {
        scheduler,
      });
      expectObservable(sampledMetrics(probe, { everyMs: 2, scheduler }), '^- 30ms !').toBe('a------b-n', {
        a: 3,
        b: 7,
        n: null,
      });
      scheduler.schedule(() => {
        expect([probe.asked, probe.mostUnderWay, probe.underWay]).toEqual([4, 1, 0]);
      }, 40);
    });
  });

  it('gives objects as they are', () => {
    const given: unknown[] = [];
    fakeProbe([{ free: 1 }])().subscribe((value) => given.push(value));
    expect(given).toEqual([{ free: 1 }]);
  });

  it.each([
    [[{ afterMs: 3, value: 1 }], undefined, 'must get the time it runs in'],
    [
      [{ afterMs: -3, value: 1 }],
      { clock: new VirtualClock() },
      '"afterMs" must be milliseconds, from 0 on, but -3 came',
    ],
    [[{ afterMs: 3, valu: 1 }], { clock: new VirtualClock() }, 'unknown key "valu": did you mean "value"?'],
    [undefined, undefined, 'fakeProbe(answers) takes a list of answers, but undefined came'],
  ])('refuses %j', (answers, time, message) => {
    expect(failureOf(() => fakeProbe(answers as never, time)).message).toContain(message);
  });
});
