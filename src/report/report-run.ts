import { dirname } from 'node:path';
import { PitwallError, reasonOf } from '../errors/index.ts';
import { isRunHeld, journalFileOf, scanJournal } from '../journal/index.ts';
import { RunFold } from './run-fold.ts';
import type { RunReport } from './run-report.ts';

/**
 * Reads a run's journal once, and reports it: in memory are its evaluations and its curves, never its events.
 *
 * @param runFolder `.pitwall/<runId>`
 * @throws {PitwallError} one sentence: there is no journal, it is not what was written there, or it holds no event (`JOURNAL_EMPTY`).
 */
export async function reportRun(runFolder: string): Promise<RunReport> {
  const fold = new RunFold();
  const { torn } = await scanJournal(runFolder, (event) => {
    try {
      fold.tell(event);
    } catch (error) {
      throw new PitwallError(
        'EVENT_UNREADABLE',
        `The event ${event.seq} (${event.type}) in ${runFolder} is none that this version of Pitwall tells: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  });
  const report = fold.report({
    torn: torn?.message ?? null,
    isLocked: await isRunHeld(dirname(journalFileOf(runFolder))),
  });
  if (report.run.events > 0) return report;
  throw new PitwallError(
    'JOURNAL_EMPTY',
    `The journal in ${runFolder} must hold the events of a run, but it holds none${torn === undefined ? '' : ': its only line is torn or is not a journal’s'}.`,
  );
}
