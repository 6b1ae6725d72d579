import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';

/** One epoch of a training that is a script. */
export interface FakeEpoch {
  /** How many steps it has; 1 by default. */
  readonly steps?: number;
  /** How long each takes, in ms; 10 by default. */
  readonly stepMs?: number;
  /** What its end tells; nothing by default. */
  readonly metrics?: Readonly<Record<string, unknown>>;
  /** What each step tells, by its number in this epoch from 1. */
  readonly stepMetrics?: (step: number) => Readonly<Record<string, unknown>>;
  /** The training fails in this epoch with it, after its steps. */
  readonly throws?: unknown;
}

/** The epochs of a training, or how many there are of the usual kind. */
export type FakeEpochs = number | readonly FakeEpoch[];

/** An epoch with its defaults in. */
export interface WholeFakeEpoch extends FakeEpoch {
  readonly steps: number;
  readonly stepMs: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

const epochSchema = z.strictObject({
  steps: z.int().nonnegative().describe('a whole number of steps, from 0 on').default(1),
  stepMs: z.number().nonnegative().describe('the milliseconds of each step, from 0 on').default(10),
  metrics: z.record(z.string(), z.unknown()).default({}),
  stepMetrics: z
    .custom<NonNullable<FakeEpoch['stepMetrics']>>((value) => typeof value === 'function')
    .describe('a function of the step')
    .optional(),
  throws: z.unknown().optional(),
});

const expected = 'a number of epochs, or an array of them, [{ steps: 4, stepMs: 100, metrics: { loss: 0.5 } }]';
const countSchema = z.int().positive().describe(expected);
const epochsSchema = z.array(epochSchema).nonempty().describe(expected);

/** @throws {ConfigurationError} one sentence about the first mistake. */
export function wholeEpochs(epochs: FakeEpochs): readonly WholeFakeEpoch[] {
  const what = 'The epochs of a fake training';
  const given =
    typeof epochs === 'number' ? Array.from({ length: parseOptions(countSchema, epochs, what) }, () => ({})) : epochs;
  return parseOptions(epochsSchema, given, what) as readonly WholeFakeEpoch[];
}
