import { catchError, filter, firstValueFrom, isObservable, map, of, take, tap, type Observable } from 'rxjs';
import { isThenable } from '../callbacks/index.ts';
import { ConfigurationError, reasonOf, told } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';
import { violationSentence } from '../sla/index.ts';
import { matcherResult, type MatcherResult } from './matcher-result.ts';
import { mismatchOf } from './mismatch-of.ts';

/** Fields that a violation must have. */
export type ViolationFields = Partial<Violation>;

/** What came, and what it ended with if that was no violation. */
interface Found {
  readonly violations: readonly Violation[];
  readonly failure?: { readonly error: unknown };
}

/**
 * Looks for a broken rule: `expect(events).toViolate('memoryMb', { limit: 500 })`.
 *
 * @param received violations, events of a run, `{ events }` of one (what `fakeTrainer` gives), an `EvaluationError`, one or many; or
 * an Observable or a promise of such, whose error is looked at too: then this is a promise, which resolves when the rule is broken or
 * the stream ends
 * @param rule the rule's key
 * @param fields what the violation must be besides; fields that it does not name may be anything
 * @throws {ConfigurationError} without a rule, and for what holds no violations.
 */
export function toViolate(
  received: unknown,
  rule: string,
  fields: ViolationFields = {},
): MatcherResult | Promise<MatcherResult> {
  const given: unknown = rule; // without it, none of that name would ever be found
  if (typeof given !== 'string' || given === '')
    throw new ConfigurationError(
      `expect(…).toViolate(rule) must get the key of a rule, but ${told(given)} came: toViolate('memoryMb').`,
    );
  if (isObservable(received)) return readStream(received, rule, fields).then((found) => judged(found, rule, fields));
  if (isThenable(received))
    return Promise.resolve(received).then(
      (value) => toViolate(value, rule, fields),
      (error: unknown) => judged(foundInError(error), rule, fields),
    );
  return judged({ violations: violationsIn(received) }, rule, fields);
}

function judged({ violations, failure }: Found, rule: string, fields: ViolationFields): MatcherResult {
  const distinct = eachOnce(violations);
  const ofRule = distinct.filter((violation) => violation.rule === rule);
  const pass = ofRule.some((violation) => mismatchOf(fields, violation) === undefined);
  const came = [
    ...ofRule.map((violation) => `${violationSentence(violation)}, but ${mismatchOf(fields, violation) ?? ''}`),
    ...distinct.filter((violation) => violation.rule !== rule).map(violationSentence),
    ...(failure === undefined ? [] : [`it failed with: ${reasonOf(failure.error)}`]),
  ];
  const broken = came.length === 0 ? ' no rule was.' : `\n  ${came.join('\n  ')}`;
  return matcherResult(
    pass,
    `The rule "${rule}" was to be broken, but${broken}`,
    `The rule "${rule}" was not to be broken, but it was: ${ofRule.map(violationSentence).join('; ')}`,
  );
}

/** The events of a run tell what has ended an evaluation twice: when the rule was broken, and with the evaluation's end. */
function eachOnce(violations: readonly Violation[]): readonly Violation[] {
  const keyOf = ({ evaluationId, rule, action, limit, observed, observedAt }: Violation): string =>
    [evaluationId, rule, action, limit, observed, observedAt].join(' ');
  return [...new Map(violations.map((violation) => [keyOf(violation), violation])).values()];
}

/** Reads until the rule is broken as wanted, or the stream ends. */
function readStream(source$: Observable<unknown>, rule: string, fields: ViolationFields): Promise<Found> {
  const violations: Violation[] = [];
  const isWanted = (violation: Violation): boolean =>
    violation.rule === rule && mismatchOf(fields, violation) === undefined;
  const found$ = source$.pipe(
    map((value) => violationsIn(value, true)),
    tap((more) => violations.push(...more)),
    filter((more) => more.some(isWanted)),
    take(1),
    map((): Found => ({ violations })),
    catchError((error: unknown) => {
      const found = foundInError(error);
      return of({ ...found, violations: [...violations, ...found.violations] });
    }),
  );
  return firstValueFrom(found$, { defaultValue: { violations } });
}

function foundInError(error: unknown): Found {
  const violations = violationIn(error);
  return violations === undefined ? { violations: [], failure: { error } } : { violations };
}

/** @param isOneOfMany values of a stream may be anything: results stand beside violations */
function violationsIn(received: unknown, isOneOfMany = false): readonly Violation[] {
  if (Array.isArray(received)) return received.flatMap((each) => violationIn(each) ?? []);
  const events = (received as { readonly events?: unknown } | null | undefined)?.events;
  if (Array.isArray(events)) return violationsIn(events);
  const own = violationIn(received);
  if (own !== undefined) return own;
  if (isOneOfMany || isEvent(received) || received instanceof Error) return [];
  throw new ConfigurationError(
    `expect(…).toViolate(rule) must get violations, events of a run, { events }, an error, or an Observable or a promise of them, but ${told(received)} came: an outcome only has counts, so give the events.`,
  );
}

/** The violation that one value is, or tells. */
function violationIn(value: unknown): readonly Violation[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('rule' in value && 'limit' in value && 'observed' in value) return [value as Violation];
  if (isEvent(value) && value.type === 'sla:recovered') return undefined; // that one is over
  if (!('violation' in value) || value.violation === undefined) return undefined;
  return [value.violation as Violation];
}

function isEvent(value: unknown): value is { readonly type: string } {
  return typeof (value as { readonly type?: unknown } | null | undefined)?.type === 'string';
}
