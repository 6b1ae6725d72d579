import { rows, wrapped } from '../layout.ts';
import type { Finding } from './finding.ts';
import type { HeldRule } from './held-rules.ts';

const marks = { works: 'ok', limited: '~', missing: '--' } as const;

/** A line for each thing, and what was seen below it. */
export function findingLines(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ what, status, seen }) => [
    ...wrapped(what, { first: `  ${marks[status].padEnd(2)}  `, rest: '      ' }),
    ...(seen === '' ? [] : wrapped(seen, { first: '        ', rest: '        ' })),
  ]);
}

export function slaLines(path: string | undefined, held: readonly HeldRule[]): string[] {
  const broken = held.filter(({ why }) => why !== undefined);
  const whose = path === undefined ? 'The default SLA' : `The SLA in ${path}`;
  if (broken.length === 0) return wrapped(`${whose} can be held here: ${held.map(({ rule }) => rule).join(', ')}.`);
  return [...wrapped(`${whose} cannot be held here:`), ...rows(broken.map(({ rule, why = '' }) => [rule, why]))];
}
