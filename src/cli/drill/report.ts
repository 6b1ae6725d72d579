import { findingLines } from '../doctor/report.ts';
import { wrapped } from '../layout.ts';
import type { Finding } from '../doctor/finding.ts';
import { inWords } from '../../words/index.ts';
import type { Kind } from './bad-executor.ts';
import type { DrilledEvaluation, DrilledRule, Verdict } from './drilled.ts';
import { unitOf } from './rule-verdict.ts';

const places: Readonly<Record<Kind, string>> = {
  process: 'in a process of its own',
  command: 'a command',
  thread: 'in a thread',
  inline: 'on the thread of the training',
  own: 'an executor of your own, in whose place an inline one stands',
};

const statuses = { fired: 'works', 'not-drilled': 'limited', silent: 'missing' } as const;

export function headLines(name: string, kind: Kind): string[] {
  return [...wrapped(`${name} (${places[kind]})`), ''];
}

export function ruleLines({ rule, limit, action, status, seen, safeguards, endedBySafeguard }: DrilledRule): string[] {
  const beside = safeguards.map((each) => `"${each}"`).join(', ');
  const own =
    beside === ''
      ? []
      : [
          `your own safeguards that fired: ${beside}${endedBySafeguard ? ' (it came first, so the rule was broken once more without it)' : ''}`,
        ];
  return lines(`${rule} ${inWords(limit, unitOf(rule))}, ${action}`, { status, seen }, own);
}

export function breakerLines(breaker: Verdict): string[] {
  return lines('its circuit breaker', breaker);
}

function lines(what: string, { status, seen }: Verdict, more: readonly string[] = []): string[] {
  const finding: Finding = { what, status: statuses[status], seen, rules: [] };
  return [
    ...findingLines([finding]),
    ...more.flatMap((text) => wrapped(text, { first: '        ', rest: '        ' })),
  ];
}

/** What did not fire, by evaluation and rule. */
export function silentOf(evaluations: readonly DrilledEvaluation[]): readonly string[] {
  return evaluations.flatMap(({ name, rules, breaker }) => [
    ...rules.filter(({ status }) => status === 'silent').map(({ rule }) => `${rule} of ${name}`),
    ...(breaker.status === 'silent' ? [`the breaker of ${name}`] : []),
  ]);
}

/** The last lines: whether all fired. */
export function summaryLines(evaluations: readonly DrilledEvaluation[]): string[] {
  const verdicts = evaluations.flatMap(({ rules, breaker }) => [...rules, breaker]);
  const count = (status: Verdict['status']): number => verdicts.filter((verdict) => verdict.status === status).length;
  const left = count('not-drilled');
  const rest = left === 0 ? '' : ` ${left} could not be drilled, for the reasons above.`;
  const silent = silentOf(evaluations);
  if (silent.length > 0) return wrapped(`Did not fire: ${silent.join(', ')}.${rest}`);
  const fired = count('fired');
  if (fired === 0) return wrapped(`Nothing was drilled.${rest}`);
  return wrapped(`${fired === 1 ? 'The one' : `All ${fired}`} that could be drilled fired.${rest}`);
}
