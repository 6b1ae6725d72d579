import { createRng } from '../../src/games/index.ts';
import { ImpactControl, type ImpactVerdict } from '../../src/sla/impact-control.ts';
import type { ImpactRule } from '../../src/sla/impact-rule.ts';
import { ImpactWindows } from '../../src/sla/impact-windows.ts';
import { worlds } from './impact-worlds.ts';

/** Two evaluations beside a training: one may be given less, the other may not. */
export interface CompanyWorld {
  readonly seed: number;
  /** What each costs while it runs, as a share of the training's speed. */
  readonly loss: { readonly held: number; readonly unheld: number };
  readonly kind: keyof typeof worlds;
  readonly rules: readonly ImpactRule[];
  /** When what may not be given less begins to cost something. */
  readonly unheldFromMs?: number;
}

/** How it went. */
export interface CompanyCourse {
  readonly told: (ImpactVerdict & { readonly atMs: number })[];
  /** After each pair. */
  readonly impacts: { readonly atMs: number; readonly isHeld: boolean; readonly impact: number | null }[];
  /** The share of the time in which each was paused since they are held. */
  readonly paused: { held: number; unheld: number };
}

const stepMs = 2;
/** A switch is carried out so much later. */
const latencyMs = 0.4;

export function companyCourse(
  { seed, loss, kind, rules, unheldFromMs = 0 }: CompanyWorld,
  untilMs: number,
): CompanyCourse {
  const course: CompanyCourse = { told: [], impacts: [], paused: { held: 0, unheld: 0 } };
  const control = new ImpactControl(rules);
  const ofHeld = worlds[kind](seed * 7_919, { loss: loss.held, stepMs });
  const ofUnheld = worlds.intermittent(seed * 104_729, { loss: loss.unheld, stepMs, noise: 0 });
  const isPaused = { held: false, unheld: false };
  let nowMs = 0;
  let heldMs = 0;
  let orders: { readonly who: readonly ('held' | 'unheld')[]; readonly paused: boolean; readonly atMs: number }[] = [];
  const windows = new ImpactWindows({
    random: createRng(seed ^ 0x5eed),
    plan: (atMs, steps) => control.plan(atMs, steps),
    pace: (paused) => {
      const who = paused && !control.pausesAll ? (['held'] as const) : (['held', 'unheld'] as const);
      orders.push({ who, paused, atMs: nowMs + latencyMs });
    },
    onPair: (pair, atMs) => {
      const verdict = control.add(pair, atMs);
      if (verdict.kind !== 'none') course.told.push({ ...verdict, atMs });
      course.impacts.push({ atMs, isHeld: control.isHeld, impact: control.impact });
    },
  });
  while (nowMs < untilMs) {
    const fromMs = nowMs;
    const costs = fromMs >= unheldFromMs && !isPaused.unheld;
    nowMs += (ofHeld.stepMs(fromMs, !isPaused.held) * ofUnheld.stepMs(fromMs, costs)) / stepMs;
    if (control.isHeld) {
      heldMs += nowMs - fromMs;
      if (isPaused.held) course.paused.held += nowMs - fromMs;
      if (isPaused.unheld) course.paused.unheld += nowMs - fromMs;
    }
    const carriedOut = orders.filter(({ atMs }) => atMs <= nowMs);
    orders = orders.filter(({ atMs }) => atMs > nowMs);
    for (const { who, paused } of carriedOut) for (const each of who) isPaused[each] = paused;
    const last = carriedOut.at(-1);
    // Only the last order's answer counts.
    if (last !== undefined && orders.length === 0) windows.paced(last.paused, last.atMs);
    windows.stepped(fromMs, nowMs);
  }
  course.paused.held /= heldMs;
  course.paused.unheld /= heldMs;
  return course;
}
