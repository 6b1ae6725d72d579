import { z } from 'zod';
import { nearMatch, parseOptions } from '../errors/index.ts';

const milliseconds = 'a number above 0 (milliseconds)';
const megabytes = 'a number above 0 (MB of 2^20 bytes)';

/** A rule as it is written, and the rule whole: a plain number is a limit whose breach has the first of the actions. */
const ruleSchema = <Action extends 'abort' | 'warn'>(
  defaultLimit: number,
  limit: string,
  actions: readonly [Action, ...Action[]],
) => {
  const number = z.number().positive();
  const action = z
    .enum(actions)
    .default(actions[0] as never)
    .describe(`${actions.map((each) => `"${each}"`).join(' or ')} (no other action is held in this version)`);
  // The description is the object's: a sentence about the rule and one about its keys both find it there.
  const whole = z.strictObject({ limit: number.describe(limit), action }).describe(limit);
  return z
    .union([number, whole], { error: `must be ${limit}, or { limit, action }` })
    .transform((rule) => (typeof rule === 'number' ? { limit: rule, action: actions[0] } : rule))
    .prefault(defaultLimit);
};

interface Sampled<Action extends string> {
  readonly limit: string;
  /** The first is the default. */
  readonly actions: readonly [Action, ...Action[]];
  readonly sustainMs: number;
}

/** A rule about what is sampled: what lies above it for `sustainMs` is given less, told, or ended. */
const sampledRuleSchema = <Action extends 'throttle' | 'warn' | 'abort'>({
  limit,
  actions,
  sustainMs,
}: Sampled<Action>) => {
  const number = z.number().positive();
  const whole = z
    .strictObject({
      limit: number.describe(limit),
      action: z.enum(actions).default(actions[0] as never),
      sustainMs: z.number().nonnegative().default(sustainMs).describe('a number from 0 on (milliseconds)'),
      whenUnmeasured: z.enum(['report', 'abort']).default('report'),
    })
    .describe(limit);
  return z
    .union([number, whole], { error: `must be ${limit}, or { limit, action, sustainMs, whenUnmeasured }` })
    .transform((rule) => (typeof rule === 'number' ? whole.parse({ limit: rule }) : rule));
};

/** A rule about what the evaluation costs the training: how surely it is known decides when it is broken, so it is not sustained. */
const impactRuleSchema = (limit: string) => {
  const number = z.number().positive().lt(100);
  const action = z.enum(['throttle', 'warn', 'abort']).default('throttle');
  const whole = z.strictObject({ limit: number.describe(limit), action }).describe(limit);
  return z
    .union([number, whole], { error: `must be ${limit}, or { limit, action }` })
    .transform((rule) => (typeof rule === 'number' ? { limit: rule, action: 'throttle' as const } : rule));
};

const rules = {
  /** Wall time from `evaluation:start` to the answer. */
  evaluationTimeMs: ruleSchema(1_800_000, milliseconds, ['abort', 'warn']),
  /** From the spawn to `evaluation:start`. An evaluator that never starts can only be ended, so it takes no `warn`. */
  startTimeMs: ruleSchema(30_000, milliseconds, ['abort']),
  /** Of each item, which for most evaluations is a game. */
  itemTimeMs: ruleSchema(300_000, milliseconds, ['abort', 'warn']),
  /** Resident memory of the whole process tree. */
  memoryMb: ruleSchema(1_000, megabytes, ['abort', 'warn']),
  /** Of one core, by the whole process tree, so that 200 is two. */
  cpuPercent: sampledRuleSchema({
    limit: 'a number above 0 (percent of one core)',
    actions: ['throttle', 'warn', 'abort'],
    sustainMs: 1_000,
  }).optional(),
  /** The process tree's own use of the GPU that it uses most. */
  gpuUtilizationPercent: sampledRuleSchema({
    limit: 'a number above 0 (percent of one GPU)',
    actions: ['throttle', 'warn', 'abort'],
    sustainMs: 10_000,
  }).prefault(80),
  /** The process tree's own, on all GPUs together. */
  gpuMemoryMb: sampledRuleSchema({ limit: megabytes, actions: ['abort', 'warn'], sustainMs: 0 }).optional(),
  /** By how much the training is slower while it runs: held by pauses, and ended where the most pauses do not help. */
  trainingImpactPercent: impactRuleSchema('a number above 0 and below 100 (percent of the training’s speed)').prefault(
    5,
  ),
};

/**
 * The service-level agreement of an evaluation: what it may take. Strict: only rules that are enforced have a key.
 *
 * A rule is a number, or `{ limit, action }` with `'abort'` (the default) or `'warn'`. Parsed, each is `{ limit, action }`, and
 * what was not written has its default: 30 minutes for the evaluation, 30 s for its start, 5 minutes an item, 1 000 MB. A rule about
 * what is sampled is `{ limit, action, sustainMs, whenUnmeasured }`. `gpuUtilizationPercent`, 80 by default, and `cpuPercent` are held
 * by giving less (`'throttle'`) unless they say otherwise, `gpuMemoryMb` by ending; the latter two have no default.
 * `trainingImpactPercent`, 5 by default, is `{ limit, action }` with `'throttle'` (the default, which ends what the smallest share of
 * the time still breaks), `'warn'` or `'abort'`.
 *
 * @example
 * slaSchema.parse({ itemTimeMs: 10_000, memoryMb: { limit: 500, action: 'warn' } });
 */
export const slaSchema = z.strictObject(rules, {
  error: (issue) =>
    issue.code === 'unrecognized_keys' ? unknownKey((issue.keys as string[] | undefined)?.[0] ?? '') : undefined,
});

/** The rules of an SLA by their keys. */
export type SlaRule = keyof typeof rules;

/** The rules about what is sampled. */
export type SampledRule = 'cpuPercent' | 'gpuUtilizationPercent' | 'gpuMemoryMb';

/** An SLA as a user writes it. */
export type SlaInput = z.input<typeof slaSchema>;

/** An SLA, whole: every rule with its limit and action. */
export type Sla = z.output<typeof slaSchema>;

/** The rules in the order in which they are told. */
export const slaRules = Object.keys(rules) as readonly SlaRule[];

/**
 * Checks an SLA and fills in the defaults.
 *
 * @param what whose it is, as the sentence names it: `the SLA of "vs-random"`
 * @returns the whole SLA, and the rules that the user wrote rather than left to their defaults
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function resolveSla(
  input: SlaInput | undefined,
  what: string,
): { readonly sla: Sla; readonly written: ReadonlySet<SlaRule> } {
  const sla = parseOptions(slaSchema, (input ?? {}) as unknown, what);
  return { sla, written: new Set(slaRules.filter((rule) => input?.[rule] !== undefined)) };
}

/**
 * What an executor that can holds hard: the limits whose breach aborts, and whole those about what is sampled: who measures it knows
 * more than its samples tell, also where it only warns.
 */
export function hardLimits({
  cpuPercent,
  gpuUtilizationPercent,
  gpuMemoryMb,
  trainingImpactPercent: _,
  ...timed
}: Sla) {
  const numbers = Object.entries(timed).filter(([, { action }]) => action === 'abort');
  return {
    ...(Object.fromEntries(numbers.map(([rule, { limit }]) => [rule, limit])) as Partial<
      Record<keyof typeof timed, number>
    >),
    ...(cpuPercent && { cpuPercent }),
    gpuUtilizationPercent,
    ...(gpuMemoryMb && { gpuMemoryMb }),
  };
}

function unknownKey(key: string): string {
  const near = nearMatch(key, slaRules);
  return `unknown key "${key}": ${near === undefined ? `known are ${slaRules.join(', ')}` : `did you mean "${near}"?`}`;
}
