import { describe, expect, it } from 'vitest';
import type { ImpactRule } from '../../src/sla/impact-rule.ts';
import { companyCourse, type CompanyCourse, type CompanyWorld } from './impact-company.ts';
import { worlds } from './impact-worlds.ts';

const rules: readonly ImpactRule[] = [
  { limit: 0.05, action: 'throttle' },
  { limit: 0.2, action: 'warn' },
];
const kinds = Object.keys(worlds) as (keyof typeof worlds)[];

function courseOf(world: Pick<CompanyWorld, 'loss'> & Partial<CompanyWorld>, untilMs = 240_000): CompanyCourse {
  return companyCourse({ seed: 1, kind: 'steady', rules, ...world }, untilMs);
}

const overIn = ({ told }: CompanyCourse): readonly number[] =>
  told.filter(({ kind }) => kind === 'over').map(({ atMs }) => atMs);

describe('what those cost that may not be given less, beside one that is held', () => {
  it.each(kinds)('is told where it is above their limit, and only there, in a world that is %s', (kind) => {
    for (let seed = 1; seed <= 10; seed++) {
      const ill = courseOf({ seed, kind, loss: { held: 0.4, unheld: 0.4 } }, 400_000);
      const well = courseOf({ seed, kind, loss: { held: 0.4, unheld: 0 } }, 400_000);

      // The first is of both, before one is held.
      expect(overIn(ill).length).toBeGreaterThan(1);
      expect(overIn(well)).toHaveLength(1);
    }
  });

  it('is part of the figure, which is unknown until it is told, and never nothing', () => {
    const { impacts, told } = courseOf({ kind: 'intermittent', loss: { held: 0.4, unheld: 0.4 } });

    const heldAtMs = told[0]?.atMs ?? NaN;
    const knownAtMs = told[1]?.atMs ?? NaN;
    const heldBefore = impacts.filter(({ atMs }) => atMs > heldAtMs && atMs < knownAtMs);
    const known = impacts.filter(({ atMs }) => atMs > knownAtMs);
    expect(heldBefore.length).toBeGreaterThan(40);
    expect(heldBefore.every(({ impact }) => impact === null)).toBe(true);
    for (const { impact } of known) {
      expect(impact).toBeGreaterThan(0.35);
      expect(impact).toBeLessThan(0.55);
    }
  });

  it('is noticed when it begins while the other is held', () => {
    const course = courseOf({ kind: 'intermittent', loss: { held: 0.4, unheld: 0.4 }, unheldFromMs: 60_000 });

    const [first, second] = overIn(course);
    expect(first).toBeLessThan(20_000);
    expect(second).toBeGreaterThan(60_000);
    expect(second).toBeLessThan(120_000);
  });

  it('keeps the other held where that would do well alone, and tells nothing as recovered', () => {
    const course = courseOf({ loss: { held: 0.02, unheld: 0.4 } });

    expect(course.told.map(({ kind }) => kind)).not.toContain('recovered');
    expect(course.impacts.at(-1)).toMatchObject({ isHeld: true });
  });

  it('costs them a ninth of their time at most', () => {
    const undecided = courseOf({ kind: 'stalls', loss: { held: 0.4, unheld: 0.15 } });
    const decided = courseOf({ loss: { held: 0.4, unheld: 0 } });

    expect(undecided.paused.held).toBeGreaterThan(0.85);
    expect(undecided.paused.unheld).toBeLessThan(0.12);
    expect(decided.paused.unheld).toBeLessThan(0.07);
  });
});
