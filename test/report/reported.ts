import { RunFold } from '../../src/report/run-fold.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import type { MadeUpRun } from './made-up-run.ts';

/** The report of a run that never was. */
export function reported(run: MadeUpRun): RunReport {
  const fold = new RunFold();
  for (const event of run.events) fold.tell(event);
  return fold.report();
}
