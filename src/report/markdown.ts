import { figure, inWords, oneLine, utc } from '../words/index.ts';
import { violationSentence } from '../sla/index.ts';
import { lastMetrics, lastOf } from './last-metrics.ts';
import { overheadPart } from './overhead-part.ts';
import type { Figure, RunReport } from './run-report.ts';
import { statusWords } from './state-words.ts';

const mostRows = 20;
const longestText = 300;

/**
 * Writes a report as Markdown, short enough for a pull request: how the run ended, its evaluations, its last figures, what went wrong.
 *
 * Whatever the record holds of others' words stands in code spans, where it is neither a link nor a mention nor HTML.
 */
export function reportMarkdown(report: RunReport): string {
  return [head(report), evaluations(report), figures(report), violations(report), breakers(report), notes(report)]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function head({ run, resumptions, evaluations: { counts }, violations: { of }, overhead }: RunReport): string[] {
  const { sign, word } = statusWords[run.status];
  const why = run.error?.message ?? run.reason;
  const outcomes = Object.entries(counts).filter(([how, count]) => how !== 'requested' && count > 0);
  return [
    `## ${sign} ${code(run.name)} ${word}`,
    '',
    ...(why === null ? [] : [code(why), '']),
    ...table(
      ['', ''],
      [
        ['Run', code(run.id)],
        ['Began', `${utc(run.startedAt)} UTC`],
        [
          'Took',
          inWords(run.durationMs, 'ms') +
            (run.awayMs > 0 ? ` (${inWords(run.awayMs, 'ms')} of it no process ran)` : ''),
        ],
        ['Epochs', `${run.epochsDone} of ${run.epochsPlanned}`],
        ['Steps', String(run.steps)],
        [
          'Evaluations',
          `${counts.requested}${outcomes.length === 0 ? '' : `: ${outcomes.map(([how, count]) => `${count} ${how}`).join(', ')}`}`,
        ],
        ['SLA violations', String(of)],
        ...(overhead?.percent == null
          ? []
          : [
              [
                'Pitwall’s own time',
                `${figure(overhead.percent)}% of the training’s thread${overheadPart({ resumptions })}`,
              ],
            ]),
      ],
    ),
  ];
}

function evaluations({ evaluations: { byName } }: RunReport): string[] {
  if (byName.length === 0) return [];
  return [
    '### Evaluations',
    '',
    ...table(
      [
        'Evaluation',
        'asked for',
        'completed',
        'broke SLA',
        'failed',
        'cancelled',
        'skipped',
        'no end',
        'median',
        'peak memory',
      ],
      byName
        .slice(0, mostRows)
        .map(({ name, counts, medianWallMs, peakMemoryMb }) => [
          code(name),
          ...[
            counts.requested,
            counts.completed,
            counts.violated,
            counts.failed,
            counts.cancelled,
            counts.skipped,
            counts.unfinished,
          ].map(String),
          medianWallMs === null ? '–' : inWords(medianWallMs, 'ms'),
          peakMemoryMb === null ? '–' : inWords(peakMemoryMb, 'MB'),
        ]),
    ),
    ...more(byName.length),
  ];
}

function figures(report: RunReport): string[] {
  const epoch = report.metrics.reduce((last, { epochs }) => Math.max(last, epochs.at(-1) ?? 0), 0);
  const rows = [
    ...lastMetrics(report).map((metric) => [code(metric.name), valueOf(metric), String(epoch)]),
    ...report.results.map((curve) => [
      `${code(curve.evaluation ?? '')} ${code(curve.name)}`,
      valueOf(lastOf(curve)),
      String(curve.epochs.at(-1) ?? 0),
    ]),
  ];
  if (rows.length === 0) return [];
  return ['### Last figures', '', ...table(['', 'value', 'of epoch'], rows.slice(0, mostRows)), ...more(rows.length)];
}

function violations({ violations: { shown, of } }: RunReport): string[] {
  if (of === 0) return [];
  return [
    '### SLA violations',
    '',
    ...shown
      .slice(0, mostRows)
      .map(
        ({ name, epoch, violation }) =>
          `- ${code(name ?? violation.evaluationId)}${epoch === null ? '' : ` of epoch ${epoch}`}: ${code(violation.message ?? violationSentence(violation))}`,
      ),
    ...more(of),
  ];
}

function breakers({ breakers: all }: RunReport): string[] {
  const lines = all.flatMap(({ name, transitions }) =>
    transitions.shown.map(
      ({ atMs, from, to, reason }) =>
        `- ${code(name)}: ${code(from)} → ${code(to)} after ${inWords(atMs, 'ms')}: ${code(reason)}`,
    ),
  );
  const of = all.reduce((sum, { transitions }) => sum + transitions.of, 0);
  return lines.length === 0 ? [] : ['### Circuit breakers', '', ...lines.slice(0, mostRows), ...more(of)];
}

function notes({ trouble, resumptions }: RunReport): string[] {
  const lines = [
    ...(trouble.torn === null ? [] : [`- ${code(trouble.torn)}`]),
    ...resumptions.map(
      ({ atMs, fromEpoch }) =>
        `- Resumed after ${inWords(atMs, 'ms')}, ${fromEpoch === 0 ? 'from the start' : `from the checkpoint of epoch ${fromEpoch}`}.`,
    ),
    ...trouble.errors.map(
      ({ callback, count, message }) => `- Callback ${code(callback)} failed ${count}x: ${code(message)}`,
    ),
    ...trouble.dropped.map(({ what, count }) => `- Dropped: ${count} of ${code(what)}.`),
    ...trouble.unenforceable.map(({ rule, why }) => `- ${code(rule)} could not be enforced: ${code(why)}`),
    ...trouble.unmeasured.map(({ rule, why }) => `- ${code(rule)} could not be measured: ${code(why)}`),
  ];
  return lines.length === 0 ? [] : ['### What to know', '', ...lines.slice(0, mostRows), ...more(lines.length)];
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

function more(of: number): string[] {
  return of > mostRows ? ['', `and ${of - mostRows} more`] : [];
}

function valueOf({ value, low, high }: Figure): string {
  const told = (each: number | null | undefined): string => (each === null || each === undefined ? '–' : figure(each));
  return low === undefined ? told(value) : `${told(value)} [${told(low)} to ${told(high)}]`;
}

/** A code span: its fence is longer than any in it, and a table's bar in it is told apart. */
function code(text: string): string {
  const line = oneLine(text, longestText).replaceAll('|', '\\|');
  if (line === '') return '` `';
  const fences = line.match(/`+/g) ?? [];
  const fence = '`'.repeat(1 + fences.reduce((longest, { length }) => Math.max(longest, length), 0));
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}
