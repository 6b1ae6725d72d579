import { describe, expect, it } from 'vitest';
import { ImpactGovernor } from '../../src/sla/impact-governor.ts';

/** After a minute beside an evaluation that costs so much while it runs. */
function settled(limit: number, loss: number): ImpactGovernor {
  const governor = new ImpactGovernor();
  for (let period = 0; period < 240; period++) {
    const { onMs } = governor.plan({ stepMs: 2, longestMs: 2 });
    governor.add(loss, onMs, limit);
  }
  return governor;
}

describe('the governor', () => {
  it.each([
    ['four fifths of the limit, less one percent for what no pause tells of', 0.05, 0.2, 0.03],
    ['the same of a wide limit', 0.2, 0.6, 0.15],
    ['a fifth of a limit that is hardly more than that percent', 0.01, 0.01, 0.002],
  ])('aims at %s', (_, limit, loss, aimedAt) => {
    const { impact, isSmallest } = settled(limit, loss);

    // The share is let be while it is a little less than it might be, and nearly as much as it may.
    expect(impact).toBeGreaterThan(0.9 * aimedAt);
    expect(impact).toBeLessThan(1.06 * aimedAt);
    expect(isSmallest).toBe(false);
  });

  it('follows a limit that becomes another, as callbacks take more or less of it', () => {
    const governor = settled(0.05, 0.05);
    const { duty } = governor;
    const go = (limit: number): number => {
      for (let period = 0; period < 240; period++)
        governor.add(0.05, governor.plan({ stepMs: 2, longestMs: 2 }).onMs, limit);
      return governor.duty;
    };

    expect(go(0.02)).toBeLessThan(duty / 2);
    expect(go(0.05) / duty).toBeCloseTo(1, 1);
  });

  it('begins with what another knows', () => {
    const governor = settled(0.05, 0.2);
    const like = new ImpactGovernor(governor);

    expect([like.duty, like.impact]).toEqual([governor.duty, governor.impact]);
  });

  it('gives a tenth of the time at least, and says so', () => {
    const { duty, impact, isSmallest } = settled(0.05, 0.7);

    expect([duty, isSmallest]).toEqual([0.1, true]);
    expect(impact).toBeCloseTo(0.07);
  });
});
