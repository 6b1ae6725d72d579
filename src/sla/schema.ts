import { z } from 'zod';
import { ConfigurationError, nearMatch, parseOptions } from '../errors/index.ts';

const milliseconds = 'a number above 0 (milliseconds)';
const megabytes = 'a number above 0 (MB of 2^20 bytes)';

/** A rule as it is written, and the rule whole: a plain number is a limit whose breach aborts. */
const ruleSchema = (
  defaultLimit: number,
  limit: string,
  actions: readonly ['abort', ...'warn'[]] = ['abort', 'warn'],
) => {
  const number = z.number().positive();
  const action = z
    .enum(actions)
    .default('abort')
    .describe(`${actions.map((each) => `"${each}"`).join(' or ')} (no other action is held in this version)`);
  // The description is the object's: a sentence about the rule and one about its keys both find it there.
  const whole = z.strictObject({ limit: number.describe(limit), action }).describe(limit);
  return z
    .union([number, whole], { error: `must be ${limit}, or { limit, action }` })
    .transform((rule) => (typeof rule === 'number' ? { limit: rule, action: 'abort' as const } : rule))
    .prefault(defaultLimit);
};

const rules = {
  /** Wall time from `evaluation:start` to the answer. */
  evaluationTimeMs: ruleSchema(1_800_000, milliseconds),
  /** From the spawn to `evaluation:start`. An evaluator that never starts can only be ended, so it takes no `warn`. */
  startTimeMs: ruleSchema(30_000, milliseconds, ['abort']),
  /** Of each item, which for most evaluations is a game. */
  itemTimeMs: ruleSchema(300_000, milliseconds),
  /** Resident memory of the whole process tree. */
  memoryMb: ruleSchema(1_000, megabytes),
};

/** Known by name, and refused until something enforces them. */
const rulesToCome = ['cpuPercent', 'gpuUtilizationPercent', 'gpuMemoryMb', 'trainingImpactPercent'];

/**
 * The service-level agreement of an evaluation: what it may take. Strict: only rules that are enforced have a key.
 *
 * A rule is a number, or `{ limit, action }` with `'abort'` (the default) or `'warn'`. Parsed, each is `{ limit, action }`, and
 * what was not written has its default: 30 minutes for the evaluation, 30 s for its start, 5 minutes an item, 1 000 MB.
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
  const value: unknown = input ?? {};
  refuseRulesToCome(value, what);
  const sla = parseOptions(slaSchema, value, what);
  return { sla, written: new Set(slaRules.filter((rule) => input?.[rule] !== undefined)) };
}

/** The limits whose breach aborts: what an executor that can holds hard. */
export function hardLimits(sla: Sla): Readonly<Partial<Record<SlaRule, number>>> {
  const held = slaRules.filter((rule) => sla[rule].action === 'abort');
  return Object.fromEntries(held.map((rule) => [rule, sla[rule].limit]));
}

function refuseRulesToCome(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return;
  const early = Object.keys(value).find((key) => rulesToCome.includes(key));
  if (early !== undefined) throw new ConfigurationError(`${what}: ${notYet(early)}`);
}

function unknownKey(key: string): string {
  if (rulesToCome.includes(key)) return notYet(key);
  const near = nearMatch(key, slaRules);
  return `unknown key "${key}": ${near === undefined ? `known are ${slaRules.join(', ')}` : `did you mean "${near}"?`}`;
}

function notYet(rule: string): string {
  return `this version does not enforce "${rule}" yet, so it takes no limit for it: leave it out`;
}
