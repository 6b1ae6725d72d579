import { createRng, type Rng } from '../../src/games/index.ts';

/** A training whose truth is known: how long its next step takes. */
export interface World {
  /** What the evaluation costs while it runs, as a share of the training's speed: the truth. */
  readonly loss: number;
  /** Whether its steps take so long that a switch takes no time beside them. */
  readonly isLong: boolean;
  stepMs(nowMs: number, evaluationRuns: boolean): number;
}

export interface WorldOptions {
  readonly loss: number;
  readonly stepMs?: number;
  /** The spread of a step's length, as a share of it. */
  readonly noise?: number;
}

type Random = Rng;

/** A number about 1, spread by `noise`. */
function about(random: Random, noise: number): number {
  const sum = random() + random() + random() + random() - 2;
  return Math.max(0.1, 1 + noise * sum * Math.sqrt(3));
}

/** Two states in turn, each of which lasts for a random time. */
class Phases {
  readonly #random: Random;
  readonly #meanMs: readonly [number, number];
  #isOn = false;
  /** When the present one ends. */
  untilMs = 0;

  constructor(random: Random, onMs: number, offMs: number) {
    this.#random = random;
    this.#meanMs = [offMs, onMs];
  }

  isOn(nowMs: number): boolean {
    while (nowMs >= this.untilMs) {
      this.#isOn = !this.#isOn;
      this.untilMs += -Math.log(1 - this.#random()) * this.#meanMs[this.#isOn ? 1 : 0];
    }
    return this.#isOn;
  }
}

/**
 * Contention comes in bursts: where it is, work takes twice as long, and so often that `loss` is lost in the mean.
 *
 * @returns how long an amount of work takes that is begun at a moment
 */
function contended(random: Random, loss: number): (nowMs: number, workMs: number) => number {
  const share = Math.min(1, 2 * loss);
  if (share === 0) return (_nowMs, workMs) => workMs;
  const phases = new Phases(random, 60, (60 * (1 - share)) / share);
  return (nowMs, workMs) => {
    let atMs = nowMs;
    for (let left = workMs; left > 1e-9;) {
      const speed = phases.isOn(atMs) ? 0.5 : 1;
      const done = Math.min(left, (phases.untilMs - atMs) * speed);
      left -= done;
      atMs += Math.max(done / speed, 1e-9);
    }
    return atMs - nowMs;
  };
}

/** The kinds of worlds, each from its own seed. */
export const worlds = {
  /** Each step a little slower. */
  steady: world((random, { loss, stepMs, noise }) => (_nowMs, runs) => {
    return (stepMs * about(random, noise)) / (runs ? 1 - loss : 1);
  }),
  intermittent: world((random, { loss, stepMs, noise }) => {
    const takes = contended(random, loss);
    return (nowMs, runs) => alone(nowMs, stepMs * about(random, noise), runs, takes);
  }),
  /** The machine itself gets slower and faster, by a third within minutes. */
  drift: world((random, { loss, stepMs, noise }) => {
    const takes = contended(random, loss);
    const phase = random() * 100_000;
    return (nowMs, runs) => {
      const machine = 1 + 0.3 * Math.sin((nowMs + phase) / 30_000);
      return alone(nowMs, stepMs * machine * about(random, noise), runs, takes);
    };
  }),
  /** Somebody else takes a third of the machine, now and then. */
  bursts: world((random, { loss, stepMs, noise }) => {
    const takes = contended(random, loss);
    const others = new Phases(random, 300, 2_000);
    return (nowMs, runs) => alone(nowMs, stepMs * about(random, noise) * (others.isOn(nowMs) ? 1.5 : 1), runs, takes);
  }),
  /** One step in two hundred waits for a disk. */
  stalls: world((random, { loss, stepMs, noise }) => {
    const takes = contended(random, loss);
    return (nowMs, runs) => alone(nowMs, stepMs * about(random, noise) * (random() < 0.005 ? 20 : 1), runs, takes);
  }),
  /** A step of a third of a second each five seconds: a checkpoint. */
  periodic: world((random, { loss, stepMs, noise }) => {
    const takes = contended(random, loss);
    let nextMs = random() * 5_000;
    return (nowMs, runs) => {
      const isCheckpoint = nowMs >= nextMs;
      if (isCheckpoint) nextMs += 5_000;
      return alone(nowMs, isCheckpoint ? 330 : stepMs * about(random, noise), runs, takes);
    };
  }),
};

function alone(nowMs: number, workMs: number, runs: boolean, takes: (nowMs: number, workMs: number) => number): number {
  return runs ? takes(nowMs, workMs) : workMs;
}

type Steps = (nowMs: number, runs: boolean) => number;

function world(
  make: (random: Random, options: Required<WorldOptions>) => Steps,
): (seed: number, options: WorldOptions) => World {
  return (seed, { loss, stepMs = 4, noise = 0.1 }) => {
    const steps = make(createRng(seed), { loss, stepMs, noise });
    return { loss, isLong: stepMs > 100, stepMs: steps };
  };
}
