import { createRng } from '../../src/games/index.ts';
import { ImpactWindows, type PairPlan, type Steps, type WindowPair } from '../../src/sla/impact-windows.ts';
import type { World } from './impact-worlds.ts';

export interface Simulation {
  readonly seed: number;
  readonly plan: (nowMs: number, steps: Steps) => PairPlan | null;
  readonly onPair: (pair: WindowPair, nowMs: number) => void;
  /** Asked at each step: the world may change. */
  readonly world: (nowMs: number) => World;
  /** Between two steps, as for input: the training waits, and the evaluation runs. */
  readonly waitMs?: number;
}

/** How a simulated training went. */
export interface Simulated {
  nowMs: number;
  /** Steps, and what they would have been in the same time without an evaluation. */
  steps: number;
  ranMs: number;
}

/** A switch is carried out so much later. */
const latencyMs = 0.4;

/** Steps of a world, windows over them, and switches that take their time: until `untilMs`, in no time. */
export function simulate({ seed, plan, onPair, world, waitMs = 0 }: Simulation, untilMs: number): Simulated {
  const course: Simulated = { nowMs: 0, steps: 0, ranMs: 0 };
  let isPaused = false;
  let order: { readonly paused: boolean; readonly atMs: number } | undefined;
  let resumesAtMs = Infinity;
  const windows = new ImpactWindows({
    random: createRng(seed ^ 0x5eed),
    plan,
    onPair,
    pace: (paused, forMs) => {
      order = { paused, atMs: course.nowMs + latencyMs };
      resumesAtMs = paused ? order.atMs + forMs : Infinity;
    },
  });
  while (course.nowMs < untilMs) {
    const fromMs = course.nowMs;
    const present = world(fromMs);
    // What is switched in a long step's first moment is switched for all of it.
    const runs = !(order !== undefined && present.isLong ? order.paused : isPaused);
    course.nowMs += present.stepMs(fromMs, runs);
    if (runs) course.ranMs += course.nowMs - fromMs;
    course.steps++;
    const answered = order;
    if (answered !== undefined && answered.atMs <= course.nowMs) {
      isPaused = answered.paused;
      order = undefined;
      windows.paced(answered.paused, answered.atMs);
    }
    if (resumesAtMs <= course.nowMs && isPaused) {
      isPaused = false;
      resumesAtMs = Infinity;
      windows.resumed();
    }
    windows.stepped(fromMs, course.nowMs);
    course.nowMs += waitMs;
  }
  return course;
}
