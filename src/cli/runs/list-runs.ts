import { readdir } from 'node:fs/promises';
import { ConfigurationError, reasonOf } from '../../errors/index.ts';
import { plainJson, statusWords } from '../../report/index.ts';
import { counted, figure, oneLine, utc } from '../../words/index.ts';
import { wrapped } from '../layout.ts';
import { readRuns, type ListedRun, type ReadableRun } from './read-runs.ts';

/** What `pitwall runs` is asked for. */
export interface RunsOptions {
  readonly json: boolean;
  readonly journal: string;
  /** Whether it was asked for by name, and so has to be there. */
  readonly isNamed: boolean;
}

/** More metrics are in `--json`. */
const mostMetrics = 5;

/**
 * Lists the runs of a folder and prints them.
 *
 * @throws {ConfigurationError} one sentence: the folder cannot be read. Before the first run the default one is not there.
 */
export async function listRuns({ json, journal, isNamed }: RunsOptions): Promise<void> {
  await requireFolder(journal, isNamed);
  const runs = await readRuns(journal);
  if (json) console.log(plainJson({ journal, runs }));
  else if (runs.length === 0)
    console.log(`There are no runs in ${journal}: a training with a journal leaves one there, or give --journal.`);
  else console.log(listOf(runs).join('\n'));
}

async function requireFolder(journal: string, isNamed: boolean): Promise<void> {
  try {
    await readdir(journal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !isNamed) return;
    const why = code === 'ENOENT' ? 'there is no such folder' : code === 'ENOTDIR' ? 'it is a file' : reasonOf(error);
    throw new ConfigurationError(
      `The runs in ${journal} cannot be listed, as ${why}: give --journal with the folder that holds them.`,
      { cause: error },
    );
  }
}

/** A table of those that can be read, under each what its evaluations and metrics were; then what cannot be read, and why. */
function listOf(runs: readonly ListedRun[]): string[] {
  const readable = runs.filter((run): run is ReadableRun => 'status' in run);
  const cells = readable.map(({ id, name, startedAt, epochsDone, epochsPlanned, ...run }) => [
    oneLine(id, 60),
    utc(startedAt),
    `${epochsDone}/${epochsPlanned}`,
    statusOf(run),
    oneLine(name, 60),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...[...cells, head].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 2 ? cell.padStart(widths[2] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    ...(readable.length === 0 ? [] : [line(head)]),
    ...readable.flatMap((run, place) => [
      line(cells[place] ?? []),
      ...wrapped(`${evaluationsOf(run)}${metricsOf(run)}`, indented),
      ...(run.torn === null ? [] : wrapped(oneLine(run.torn, 400), indented)),
    ]),
    ...runs.flatMap((run) =>
      'problem' in run ? [oneLine(run.id, 60), ...wrapped(oneLine(run.problem, 400), indented)] : [],
    ),
  ];
}

const head = ['Run', 'Began (UTC)', 'Epochs', 'Status', 'Name'];
const indented = { first: '    ', rest: '    ' };

function statusOf({ status, mayBeRunning }: Pick<ReadableRun, 'status' | 'mayBeRunning'>): string {
  return mayBeRunning ? 'may be running' : statusWords[status].word;
}

function evaluationsOf({ evaluations: { requested, ...ended } }: ReadableRun): string {
  const told = Object.entries(ended).filter(([, count]) => count > 0);
  return (
    counted(requested, 'evaluation') +
    (told.length === 0 ? '' : `: ${told.map(([how, count]) => `${count} ${how}`).join(', ')}`)
  );
}

function metricsOf({ metrics }: ReadableRun): string {
  if (metrics.length === 0) return '';
  const told = metrics
    .slice(0, mostMetrics)
    .map(({ name, value }) => `${oneLine(name, 40)} ${value === null ? '–' : figure(value)}`);
  return `; ${told.join(', ')}${metrics.length > mostMetrics ? ', …' : ''}`;
}
