import { clipped } from '../../words/index.ts';
import type { EvaluationTold, RunReport } from '../run-report.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { table, type Column } from './table.ts';
import { duration, figuresText, foreign, measured, nameOf, stateText, whyText } from './words.ts';

/** So many may stand open on the page; more are a table to be opened. */
const openRows = 25;

const byNameColumns: readonly Column[] = [
  { head: 'Evaluation' },
  ...[
    'Asked for',
    'Completed',
    'Broke SLA',
    'Failed',
    'Cancelled',
    'Skipped',
    'No end',
    'Median',
    'Longest',
    'Peak memory',
  ].map((head) => ({ head, isNumber: true })),
];

const columns: readonly Column[] = [
  { head: 'Evaluation' },
  { head: 'Epoch', isNumber: true },
  { head: 'Asked for', isNumber: true },
  { head: 'Waited', isNumber: true },
  { head: 'Ran', isNumber: true },
  { head: 'Peak memory', isNumber: true },
  { head: 'How it ended' },
  { head: 'Result, or why not' },
];

/** Every evaluation in words: how many ended how, and each. */
export function evaluationsSection({ evaluations }: RunReport): Content {
  const { byName, shown, of } = evaluations;
  if (of === 0)
    return markup`<section aria-labelledby="evaluations"><h2 id="evaluations">Evaluations</h2>
<p class="hint">None was asked for.</p></section>`;
  const each = table(
    `Each evaluation, in the order of their requests${shown.length < of ? ` (${shown.length} of ${of})` : ''}`,
    columns,
    shown.map(row),
  );
  return markup`<section aria-labelledby="evaluations"><h2 id="evaluations">Evaluations</h2>
${table(
  'By name',
  byNameColumns,
  byName
    .slice(0, 100)
    .map(({ name, counts, medianWallMs, longestWallMs, peakMemoryMb }) => [
      nameOf(name),
      counts.requested,
      counts.completed,
      counts.violated,
      counts.failed,
      counts.cancelled,
      counts.skipped,
      counts.unfinished,
      duration(medianWallMs),
      duration(longestWallMs),
      measured(peakMemoryMb, 'MB'),
    ]),
)}
<details${shown.length <= openRows ? markup` open` : undefined}><summary>Each evaluation</summary>
${each}</details></section>`;
}

function row(evaluation: EvaluationTold): readonly (Markup | string | number)[] {
  const { name, epoch, requestedMs, startedMs, endedMs, wallMs, peakMemoryMb, state, why, result } = evaluation;
  const waitedMs = (startedMs ?? endedMs ?? requestedMs) - requestedMs;
  const told = state === 'completed' ? figuresText(result, 8) : clipped(whyText(state, why), 400);
  return [
    nameOf(name),
    epoch,
    duration(requestedMs),
    duration(waitedMs),
    duration(wallMs),
    measured(peakMemoryMb, 'MB'),
    stateText(state),
    markup`<span class="told">${foreign(told, 400)}</span>`,
  ];
}
