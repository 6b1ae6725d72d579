import { z } from 'zod';
import { CircuitBreaker, type CircuitBreakerOptions } from '../breaker/index.ts';
import { ConfigurationError, parseOptions, told } from '../errors/index.ts';
import {
  evaluatorUrl,
  processExecutor,
  supervisedRules,
  type Executor,
  type ExecutorTraits,
  type HardLimits,
  type HardRule,
} from '../executors/index.ts';
import { everyEpochs, type Trigger } from '../operators/index.ts';
import { hardLimits, resolveSla, type Safeguard, type Sla, type SlaInput } from '../sla/index.ts';
import type { Overlap } from './admission.ts';
import type { EvaluationRequest } from './evaluation-options.ts';
import { nameOption } from './name-option.ts';

/** An evaluation's options, checked and whole. */
export interface EvaluationSettings {
  readonly name: string;
  /** @param lastEnded the last epoch that had ended when the evaluation joined the run, 0 for none */
  readonly triggerFrom: (lastEnded: number) => Trigger;
  readonly input: (request: EvaluationRequest) => unknown;
  readonly executor: Executor;
  readonly overlap: Overlap;
  readonly sla: Sla | false;
  /** What an executor that can holds hard: the SLA's aborts, less what cannot be held at all. */
  readonly limits: HardLimits;
  /** Rules left to their default that this executor cannot hold, and why. */
  readonly unenforceable: readonly { readonly rule: HardRule; readonly why: string }[];
  readonly safeguards: readonly Safeguard[];
  readonly breaker: CircuitBreaker | CircuitBreakerOptions | false;
  readonly atEnd: boolean;
  /** Whether a lost one is asked for again. */
  readonly repeats: boolean;
  readonly graceMs: number;
  readonly maxResultMb: number;
  readonly critical: boolean;
  /** What `run:start` tells of it. */
  readonly told: Record<string, unknown>;
}

const overlaps = ['latest', 'skip', 'queue', 'cancel', 'parallel'] as const satisfies readonly Overlap[];

const functionSchema = <Kind extends (...args: never) => unknown>(expected: string) =>
  z.custom<Kind>((value) => typeof value === 'function').describe(expected);

const optionsSchema = z.strictObject({
  name: nameOption,
  every: z.number().int().positive().optional().describe('a whole number of epochs from 1 on'),
  when: functionSchema<Trigger>('an operator over run events, such as everySteps(1000)').optional(),
  input: functionSchema<EvaluationSettings['input']>('a function that gives the input').optional(),
  module: z
    .custom<URL | string>((value) => value instanceof URL || typeof value === 'string')
    .describe("a file: URL, such as new URL('./evaluate.js', import.meta.url)")
    .optional(),
  executor: functionSchema<Executor>('an executor, a function of a job').optional(),
  overlap: z.enum(overlaps).default('latest'),
  sla: z
    .union([z.literal(false), z.record(z.string(), z.unknown())])
    .optional()
    .describe('an object of rules, or false'),
  safeguards: z
    .array(functionSchema<Safeguard>('a safeguard, a function of the guarded evaluation'))
    .default([])
    .describe('an array of safeguards'),
  breaker: z
    .union([z.literal(false), z.instanceof(CircuitBreaker), z.record(z.string(), z.unknown())])
    .optional()
    .describe('a CircuitBreaker, options of one, or false'),
  atEnd: z.boolean().default(false),
  onResume: z.enum(['request', 'cancel']).default('request'),
  graceMs: z.number().nonnegative().default(100).describe('a number from 0 on (milliseconds)'),
  maxResultMb: z.number().positive().default(256).describe('a number above 0 (MB of 2^20 bytes)'),
  critical: z.boolean().default(false),
});

/**
 * Checks the options of an evaluation and fills in the defaults.
 *
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function evaluationSettings(options: unknown): EvaluationSettings {
  const what = whatOf(options);
  const parsed = parseOptions(optionsSchema, options, what);
  const { name, overlap, safeguards, atEnd, graceMs, maxResultMb, critical } = parsed;
  const triggerFrom = triggerOf(exactlyOne(what, parsed, ['every', 'when']));
  const worker = workerOf(exactlyOne(what, parsed, ['module', 'executor']));
  const rules = rulesOf(parsed.sla, worker instanceof URL ? { enforces: supervisedRules } : worker, name);
  const breaker = breakerOf(parsed.breaker, name);
  // Last, when all else is right: a process executor has its supervisor started.
  const executor = worker instanceof URL ? processExecutor(worker) : worker;
  requireSlots(executor, what);
  return {
    name,
    triggerFrom,
    input: parsed.input ?? ((request) => request),
    executor,
    overlap,
    ...rules,
    safeguards,
    breaker,
    atEnd,
    repeats: parsed.onResume === 'request',
    graceMs,
    maxResultMb,
    critical,
    told: {
      ...(parsed.every === undefined ? { when: 'an operator' } : { every: parsed.every }),
      ...(parsed.module === undefined ? {} : { module: String(parsed.module) }),
      overlap,
      sla: rules.sla,
      safeguards: safeguards.length,
      breaker: toldBreaker(breaker),
      atEnd,
      onResume: parsed.onResume,
      graceMs,
      maxResultMb,
      critical,
    },
  };
}

function whatOf(options: unknown): string {
  const name = (options as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name.trim() !== '' ? `The evaluation "${name}"` : 'An evaluation';
}

/** @returns the options, narrowed by nothing: it only checks that one of the two was given. */
function exactlyOne<Options extends object>(
  what: string,
  options: Options,
  [first, second]: readonly [keyof Options & string, keyof Options & string],
): Options {
  const given = [first, second].filter((key) => options[key] !== undefined);
  if (given.length === 1) return options;
  throw new ConfigurationError(
    `${what} must have exactly one of "${first}" and "${second}", but ${given.length === 0 ? 'neither' : 'both'} came.`,
  );
}

function triggerOf({
  every,
  when,
}: {
  readonly every?: number | undefined;
  readonly when?: Trigger | undefined;
}): EvaluationSettings['triggerFrom'] {
  if (when !== undefined) return () => when;
  return (lastEnded) => everyEpochs(every ?? 1, { from: lastEnded });
}

/** With no slot, or one that is no number, everything would wait for ever. */
function requireSlots({ slots = Infinity }: ExecutorTraits, what: string): void {
  if (slots === Infinity || (Number.isInteger(slots) && slots > 0)) return;
  throw new ConfigurationError(
    `${what}: the "slots" of its executor must be a whole number from 1 on, or Infinity, but ${told(slots)} came.`,
  );
}

/** The rules about what is sampled. */
const sampledRules = ['cpuPercent', 'gpuUtilizationPercent', 'gpuMemoryMb'] as const;

/** Where the work is done: an executor, or the module of one. */
function workerOf({
  module,
  executor,
}: {
  readonly module?: URL | string | undefined;
  readonly executor?: Executor | undefined;
}): Executor | URL {
  return executor ?? evaluatorUrl(module ?? '');
}

const takesNoOrders = 'it takes no orders to pause, so that it cannot be told what its evaluations cost the training';

function rulesOf(
  input: SlaInput | false | undefined,
  { cannotEnforce: impossibleThere = {}, enforces = [] }: ExecutorTraits,
  name: string,
): Pick<EvaluationSettings, 'sla' | 'limits' | 'unenforceable'> {
  if (input === false) return { sla: false, limits: {}, unenforceable: [] };
  const what = `The SLA of "${name}"`;
  const { sla, written } = resolveSla(input, what);
  // Only who can pause its evaluations can have measured what they cost the training.
  const cannotEnforce: ExecutorTraits['cannotEnforce'] = enforces.includes('trainingImpactPercent')
    ? impossibleThere
    : { ...impossibleThere, trainingImpactPercent: impossibleThere.trainingImpactPercent ?? takesNoOrders };
  const impossible = Object.entries(cannotEnforce) as [HardRule, string][];
  for (const [rule, why] of impossible) {
    if (written.has(rule))
      throw new ConfigurationError(
        `${what} has the rule "${rule}", which its executor cannot hold: ${why}. Leave it out, or use a processExecutor.`,
      );
  }
  for (const rule of sampledRules) {
    const held = sla[rule];
    if (held?.whenUnmeasured === 'abort' && !enforces.includes(rule))
      throw new ConfigurationError(
        `${what} says whenUnmeasured: 'abort' for "${rule}", which its executor does not measure itself: from the training's process nothing can be said of what is not told. Leave that out, or use a processExecutor.`,
      );
  }
  const limits = Object.entries(hardLimits(sla)).filter(([rule]) => cannotEnforce[rule as HardRule] === undefined);
  const unenforceable = impossible.filter(([rule]) => sla[rule] !== undefined).map(([rule, why]) => ({ rule, why }));
  return { sla, limits: Object.fromEntries(limits), unenforceable };
}

function breakerOf(
  given: CircuitBreaker | CircuitBreakerOptions | false | undefined,
  name: string,
): EvaluationSettings['breaker'] {
  if (given === false || given instanceof CircuitBreaker) return given;
  const options = { name, ...given };
  // The run's clock is not known yet: this one only checks the options, where the mistake was made.
  new CircuitBreaker(options);
  return options;
}

/** Functions and clocks are no part of a record. */
function toldBreaker(breaker: EvaluationSettings['breaker']): unknown {
  if (breaker === false) return false;
  if (breaker instanceof CircuitBreaker) return { name: breaker.name };
  return JSON.parse(JSON.stringify({ ...breaker, clock: undefined })) as unknown;
}
