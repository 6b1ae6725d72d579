import type { JudgedEvaluation, JudgedRun } from '../../replay/index.ts';
import { slaRules } from '../../sla/index.ts';
import { counted, inWords } from '../../words/index.ts';
import { ranges, rows, wrapped } from '../layout.ts';
import { notesOf } from './notes.ts';
import type { Replayed } from './replayed.ts';
import { suggestionLines } from './suggestion-lines.ts';

/** More rows of one kind say less: the rest is counted, and `--json` has them all. */
const longestList = 30;

/** What the command tells people, in lines of at most 80 columns. */
export function reportOf(replayed: Replayed): string {
  const { judged, suggestions } = replayed;
  const notes = notesOf(replayed).flatMap((note) => wrapped(note, { first: '  - ', rest: '    ' }));
  const sections = [
    headOf(replayed),
    ...(judged === undefined ? [] : [totals(judged), stopped(judged), unknown(judged), breakerLines(judged, replayed)]),
    ...(suggestions === undefined ? [] : [suggestionLines(suggestions)]),
    ...(notes.length === 0 ? [] : [['What this rests on', ...notes]]),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headOf({ folder, events, sla, breaker, judged }: Replayed): string[] {
  const [first] = events;
  const start = events.find((event) => event.type === 'run:start');
  const end = events.find((event) => event.type === 'run:end');
  const span = inWords((events.at(-1)?.at ?? 0) - (first?.at ?? 0), 'ms');
  const name = start === undefined ? '' : ` "${start.name}"`;
  const head = wrapped(
    `Run${name} in ${folder}: ${span}, ${counted(events.length, 'event')}, ${end?.status ?? 'no end in the record'}.`,
  );
  if (judged === undefined) return head;
  if (sla === undefined) head.push('Limits: those of the record.');
  else {
    const limits = slaRules.flatMap((rule) => {
      const held = sla.sla[rule];
      return held === undefined
        ? []
        : [
            [
              rule,
              inWords(held.limit, rule.endsWith('Ms') ? 'ms' : rule.endsWith('Mb') ? 'MB' : '%'),
              held.action,
              sla.written.has(rule) ? '' : '(default)',
            ],
          ];
    });
    head.push(`Limits of ${sla.path}:`, ...rows(limits, [1]));
  }
  head.push(breaker === undefined ? 'Breaker: as recorded.' : `Breaker: ${breaker.path}.`);
  return head;
}

function totals({ evaluations }: JudgedRun): string[] {
  const names = [...new Set(evaluations.map(({ recorded }) => recorded.requested.name))];
  const verdicts = ['passes', 'stopped', 'unknown', 'skipped'] as const;
  const body = names.map((name) => {
    const own = evaluations.filter(({ recorded }) => recorded.requested.name === name);
    const count = (verdict: string): string =>
      String(own.filter(({ judgement }) => judgement.outcome.verdict === verdict).length);
    const refused = own.filter((each) => each.refused).length;
    return [name, String(own.length), ...verdicts.map(count), String(refused), ''];
  });
  return rows([['Evaluation', 'requests', ...verdicts, 'refused', ''], ...body], [1, 2, 3, 4, 5, 6]).map((line) =>
    line.slice(2),
  );
}

function stopped({ evaluations }: JudgedRun): string[] {
  const cells = evaluations.flatMap(({ recorded, refused, judgement: { outcome } }) => {
    if (outcome.verdict !== 'stopped') return [];
    const { rule, limit, unit, afterMs, shownBy } = outcome;
    const when = (afterMs === null ? 'unknown when' : `after ${inWords(afterMs, 'ms')}`) + (refused ? ' *' : '');
    return [[...nameOf(recorded), when, `${rule}: ${shownBy} (limit ${inWords(limit, unit)})`]];
  });
  const isRefused = evaluations.some(({ refused, judgement }) => refused && judgement.outcome.verdict === 'stopped');
  return [
    ...section('Would be stopped', cells, 'Nothing would be stopped.'),
    ...(isRefused ? ['  * if it ran: the breaker would refuse it'] : []),
  ];
}

function unknown({ evaluations }: JudgedRun): string[] {
  const cells = evaluations.flatMap(({ recorded, judgement: { outcome } }) =>
    outcome.verdict === 'unknown' ? [[...nameOf(recorded), outcome.why]] : [],
  );
  return section('Unknown: the record does not tell', cells);
}

function breakerLines({ evaluations, transitions }: JudgedRun, { events }: Replayed): string[] {
  const beganAt = events[0]?.at ?? 0;
  const cells = transitions.map(({ breaker, from, to, reason, at, epoch }) => [
    `epoch ${epoch}`,
    inWords(at - beganAt, 'ms'),
    breaker,
    `${from} -> ${to}: ${reason}`,
  ]);
  const refused = evaluations.filter((each) => each.refused);
  return [
    ...section('The breaker', cells, 'The breaker would not have opened.'),
    ...[...namesOf(refused)].flatMap(([name, epochs]) =>
      wrapped(
        `It would refuse ${counted(epochs.length, 'request')} of ${name}: ${epochs.length === 1 ? 'epoch' : 'epochs'} ${ranges(epochs)}`,
        {
          first: '  ',
          rest: '    ',
        },
      ),
    ),
  ];
}

function namesOf(evaluations: readonly JudgedEvaluation[]): ReadonlyMap<string, number[]> {
  const epochs = new Map<string, number[]>();
  for (const { recorded } of evaluations) {
    const { name, epoch } = recorded.requested;
    epochs.set(name, [...(epochs.get(name) ?? []), epoch]);
  }
  return epochs;
}

function section(title: string, cells: readonly (readonly string[])[], otherwise?: string): string[] {
  if (cells.length === 0) return otherwise === undefined ? [] : [otherwise];
  const more = cells.length - longestList;
  return [
    title,
    ...rows(cells.slice(0, longestList)),
    ...(more > 0 ? [`  and ${more} more (--json has them all)`] : []),
  ];
}

function nameOf({ requested }: JudgedEvaluation['recorded']): [string, string] {
  return [requested.name, `epoch ${requested.epoch}`];
}
