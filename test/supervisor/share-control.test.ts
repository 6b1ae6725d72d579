import { describe, expect, it } from 'vitest';
import { ShareControl } from '../../src/supervisor/share-control.ts';
import type { SampledLimit } from '../../src/wire/index.ts';

const limit: SampledLimit = { limit: 100, action: 'throttle', sustainMs: 1_000, whenUnmeasured: 'report' };

/** An evaluation that would use so much in each half second, run with the share that its limit gives it. */
function course(demands: readonly (number | null)[], given: Partial<SampledLimit> = {}) {
  const control = new ShareControl({ ...limit, ...given }, 500);
  const told: string[] = [];
  const shares: number[] = [];
  demands.forEach((demand, index) => {
    const ranShare = control.share;
    const used = demand === null ? null : demand * ranShare;
    const nowMs = (index + 1) * 500;
    const verdict = control.look({ sinceMs: index * 500, nowMs, used, ranShare });
    const observed = 'observed' in verdict ? ` ${Math.round(verdict.observed)}` : '';
    if (verdict.kind !== 'holds') told.push(`${nowMs} ${verdict.kind}${observed}`);
    shares.push(control.share);
  });
  return { told, shares };
}

describe('the control of a share', () => {
  it.each<[string, readonly number[], readonly string[]]>([
    ['nothing at the limit', [100, 100, 100, 100, 100], []],
    ['nothing of a peak that is shorter than the limit bears', [300, 50, 300, 50, 300], []],
    ['a breach that lasts', [50, 200, 200], ['1500 throttled 200']],
    [
      'its end, when it would need less for as long',
      [200, 200, 30, 30, 30, 30, 30, 30, 30],
      ['1000 throttled 200', '2500 recovered 51'],
    ],
    [
      'a second one',
      [200, 200, 0, 0, 0, 0, 0, 0, 200, 200],
      ['1000 throttled 200', '2500 recovered 25', '5000 throttled 200'],
    ],
  ])('tells %s', (_, demands, expected) => {
    expect(course(demands).told).toEqual(expected);
  });

  it('gives as much of the time as keeps the use a little below the limit', () => {
    const { shares } = course(Array.from({ length: 40 }, () => 200));

    for (const share of shares.slice(1)) expect(share).toBeCloseTo(0.45, 5);
  });

  it('follows a demand that changes', () => {
    const { shares } = course([...Array.from({ length: 10 }, () => 400), ...Array.from({ length: 20 }, () => 150)]);

    expect(shares[9]).toBeCloseTo(0.225, 5);
    expect(shares.at(-1)).toBeCloseTo(0.6, 3);
  });

  it('gives a tenth at least', () => {
    expect(course([10_000, 10_000, 10_000]).shares.at(-1)).toBe(0.1);
  });

  it('breaks, once, where its action is abort', () => {
    expect(course([200, 200, 200, 200], { action: 'abort' }).told).toEqual(['1000 broken 200']);
  });

  it('only tells, once a breach, where its action is warn', () => {
    const { told, shares } = course([200, 200, 200, 50, 200, 200, 200], { action: 'warn' });

    expect(told).toEqual(['1000 warned 200', '3000 warned 200']);
    expect(new Set(shares)).toEqual(new Set([1]));
  });

  it('lets go on what cannot be measured, or ends it where it is to', () => {
    expect(course([null, null, null, null]).told).toEqual([]);
    expect(course([null, null, null, null], { whenUnmeasured: 'abort' }).told).toEqual(['1000 unmeasured']);
    expect(course([200, null, 200, null], { whenUnmeasured: 'abort', sustainMs: 5_000 }).told).toEqual([]);
  });

  it('takes a true 0 for nothing used, and not for unmeasured', () => {
    expect(course([0, 0, 0, 0], { whenUnmeasured: 'abort' }).told).toEqual([]);
  });

  // It took what could not run for what needs nothing, and let go what burned all the time.
  it('learns nothing from a look in which it hardly ran, neither that it needs less nor how long it has', () => {
    const control = new ShareControl(limit, 500);
    let nowMs = 0;
    const look = (used: number, ranShare: number): string => {
      nowMs += 500;
      return control.look({ sinceMs: nowMs - 500, nowMs, used, ranShare }).kind;
    };

    expect([look(200, 1), look(0, 0), look(9, 0.049), look(0, 0)]).toEqual(Array(4).fill('holds'));
    expect(look(200, 1)).toBe('throttled');
    expect(control.share).toBeCloseTo(0.45, 5);

    for (let paused = 0; paused < 6; paused++) expect(look(0, 0)).toBe('holds');
    expect(control.share).toBeCloseTo(0.45, 5);

    expect([look(0, 0.05), look(0, 0), look(0, 0), look(0, 0.45), look(0, 0.45)]).toEqual([
      'holds',
      'holds',
      'holds',
      'holds',
      'recovered',
    ]);
  });

  it('ends nothing for the time in which it was paused', () => {
    const control = new ShareControl({ ...limit, action: 'abort', whenUnmeasured: 'abort' }, 500);
    const verdicts = [200, 0, 0, 0, 50].map((used, index) =>
      control.look({ sinceMs: index * 500, nowMs: (index + 1) * 500, used, ranShare: used === 0 ? 0 : 1 }),
    );

    expect(verdicts.map(({ kind }) => kind)).toEqual(Array(5).fill('holds'));
  });
});
