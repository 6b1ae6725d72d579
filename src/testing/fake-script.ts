import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import type { Telemetry } from '../executors/index.ts';
import { EvaluationError, type ItemState, type Progress } from '../sla/index.ts';
import { itemOf, sampleOf, type SampleValue } from './marble-telemetry.ts';

/** What a fake evaluation does at one moment. At most the last moment of a script has an end: `result`, `crash` or `hang`. */
export interface FakeMoment {
  /** Milliseconds from the beginning of its work. */
  readonly atMs: number;
  /** MB, `null`, or the fields that were measured. */
  readonly sample?: SampleValue;
  /** How much is done, or `{ done, total, note }`. */
  readonly progress?: number | Progress;
  /** How many items are done, the name of one that begins, or `{ done, total, running }`. */
  readonly item?: number | string | Partial<ItemState>;
  /** What was learned so far. */
  readonly partial?: unknown;
  /** It answers. */
  readonly result?: unknown;
  /** It fails: with a sentence (as `EVALUATOR_CRASHED`), with an error of its code's own, or with an `EvaluationError` of any kind. */
  readonly crash?: string | Error;
  /** It does nothing more, until somebody ends it; a script without an end does the same. */
  readonly hang?: true;
}

/** What a fake evaluation does, moment by moment. */
export type FakeScript = readonly FakeMoment[];

/** How a script ends. */
export type FakeEnd =
  | { readonly kind: 'result'; readonly atMs: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly atMs: number; readonly error: EvaluationError }
  | { readonly kind: 'hang' };

/** A script as it is run: what is told when, in order, and its end. */
export interface FakeCourse {
  readonly tellings: readonly { readonly atMs: number; readonly telling: Telemetry }[];
  readonly end: FakeEnd;
}

/** NaN too: that it counts as unmeasured is something to test. */
const number = z.custom<number>((value) => typeof value === 'number').describe('a number');
const measure = number.nullable().describe('a number, or null where it could not be measured').optional();

const sampleSchema = z
  .union([
    number.nullable(),
    z.strictObject({ memoryMb: measure, cpuPercent: measure, gpuUtilizationPercent: measure, gpuMemoryMb: measure }),
  ])
  .optional()
  .describe('MB, null, or the fields of a sample');

const progressSchema = z
  .union([number, z.strictObject({ done: number, total: number.optional(), note: z.string().optional() })])
  .optional()
  .describe('how much is done, or { done, total, note }');

const itemSchema = z
  .union([
    number,
    z.string(),
    z.strictObject({
      done: number.optional(),
      total: number.optional(),
      running: z
        .strictObject({ name: z.string(), forMs: number })
        .nullable()
        .describe('{ name, forMs } or null')
        .optional(),
    }),
  ])
  .optional()
  .describe('how many are done, the name of one that begins, or { done, total, running }');

const scriptSchema = z
  .array(
    z.strictObject({
      atMs: z.number().nonnegative().describe('milliseconds from the beginning of its work, from 0 on'),
      sample: sampleSchema,
      progress: progressSchema,
      item: itemSchema,
      partial: z.unknown().optional(),
      result: z.unknown().optional(),
      crash: z
        .union([z.string(), z.instanceof(Error)])
        .describe('a sentence or an error')
        .optional(),
      hang: z.literal(true).optional(),
    }),
  )
  .describe('an array of moments, [{ atMs: 100, result: … }]');

const ends = ['result', 'crash', 'hang'] as const;

/**
 * Reads a script.
 *
 * @throws {ConfigurationError} for an unknown or wrong field, for moments that are not in order, and for an end that is not the last.
 */
export function courseOf(script: FakeScript): FakeCourse {
  parseOptions(scriptSchema, script, 'The script of a fake evaluation');
  let end: FakeEnd = { kind: 'hang' };
  const tellings: { readonly atMs: number; readonly telling: Telemetry }[] = [];
  for (const [index, moment] of script.entries()) {
    const { atMs } = moment;
    const before = script[index - 1]?.atMs ?? 0;
    if (atMs < before)
      throw mistake(`the moment at ${atMs} ms comes after that at ${before} ms: tell them in their order`);
    for (const telling of tellingsOf(moment)) tellings.push({ atMs, telling });
    const endings = ends.filter((key) => key in moment);
    if (endings.length === 0) continue;
    if (endings.length > 1 || index < script.length - 1)
      throw mistake(`it ends at ${atMs} ms with ${endings.join(' and ')}: one end is its last moment's`);
    end = endOf(moment);
  }
  return { tellings, end };
}

function tellingsOf(moment: FakeMoment): readonly Telemetry[] {
  const { sample, progress, item } = moment;
  return [
    ...(sample === undefined ? [] : [{ type: 'sample' as const, ...sampleOf(sample) }]),
    ...(progress === undefined
      ? []
      : [{ type: 'progress' as const, ...(typeof progress === 'number' ? { done: progress } : progress) }]),
    ...(item === undefined ? [] : [{ type: 'item' as const, ...itemOf(item) }]),
    ...('partial' in moment ? [{ type: 'partial' as const, value: moment.partial }] : []),
  ];
}

function endOf(moment: FakeMoment): FakeEnd {
  const { atMs, crash } = moment;
  if ('result' in moment) return { kind: 'result', atMs, value: moment.result };
  return crash === undefined ? { kind: 'hang' } : { kind: 'error', atMs, error: crashOf(crash) };
}

function crashOf(crash: string | Error): EvaluationError {
  if (crash instanceof EvaluationError) return crash;
  if (typeof crash === 'string') return new EvaluationError('crashed', 'EVALUATOR_CRASHED', crash);
  const message = `The evaluator threw: ${crash.name}: ${crash.message}`;
  return new EvaluationError('crashed', 'EVALUATOR_CRASHED', message, { cause: crash });
}

function mistake(what: string): ConfigurationError {
  return new ConfigurationError(`The script of a fake evaluation cannot be run: ${what}.`);
}
