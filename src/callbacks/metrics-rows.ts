import type { RunEvent } from '../events/index.ts';

/** A completed evaluation, in the row of the epoch that it is of. */
export interface MetricsRowResult {
  readonly name: string;
  /** The step that it is of. */
  readonly step: number;
  readonly result: unknown;
}

/** What is known of one epoch. */
export interface MetricsRow {
  /** From 1; 0 for what was evaluated before the first. */
  readonly epoch: number;
  /** The run's steps at its end: of an epoch from a journal, the last that the journal tells of. */
  readonly step: number;
  /** What it ended with; `undefined` as long as it has not ended whole. */
  readonly metrics: Readonly<Record<string, unknown>> | undefined;
  /** In the order in which they were told, however late. */
  readonly results: readonly MetricsRowResult[];
}

/** The rows by their epoch, and what had no room. */
export interface MetricsRows {
  readonly rows: readonly MetricsRow[];
  /** How many rows, and results of rows that are there, were left out. */
  readonly dropped: number;
}

export const noRows: MetricsRows = { rows: [], dropped: 0 };

/**
 * The rows after one more event; the same ones where it tells nothing of them. The oldest leave where there is no room.
 *
 * @param stepNow the run's last step by then
 * @param keep how many rows there may be, and results in each
 */
export function foldRows(
  fold: MetricsRows,
  event: RunEvent,
  { stepNow, keep }: { readonly stepNow: number; readonly keep: number },
): MetricsRows {
  if (event.type === 'epoch:end' && event.interrupted !== true) {
    const { epoch, metrics } = event;
    return withRow(fold, epoch, keep, (row) => ({ ...row, metrics, step: Math.max(row.step, stepNow) }));
  }
  if (event.type === 'evaluation:end' && event.status === 'completed') {
    const { epoch, step, name, result } = event;
    return withRow(fold, epoch, keep, (row) => ({
      ...row,
      step: Math.max(row.step, step),
      results: [...row.results, { name, step, result }],
    }));
  }
  return fold;
}

function withRow(
  { rows, dropped }: MetricsRows,
  epoch: number,
  keep: number,
  change: (row: MetricsRow) => MetricsRow,
): MetricsRows {
  const before = rows.findLastIndex((row) => row.epoch <= epoch);
  const present = rows[before];
  if (present?.epoch !== epoch) {
    const row = change({ epoch, step: 0, metrics: undefined, results: [] });
    const grown = rows.toSpliced(before + 1, 0, row);
    return grown.length <= keep ? { rows: grown, dropped } : { rows: grown.slice(1), dropped: dropped + 1 };
  }
  const row = change(present);
  const excess = Math.max(0, row.results.length - keep);
  return {
    rows: rows.with(before, excess === 0 ? row : { ...row, results: row.results.slice(excess) }),
    dropped: dropped + excess,
  };
}
