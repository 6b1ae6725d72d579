import type { Sample } from '../events/index.ts';
import type { ProgressReport } from '../wire/index.ts';
import type { Job } from './executor.ts';

type Teller = Job['telemetry'];

/** What is told of an execution's course at one time. */
export interface CourseReport {
  readonly sample?: Sample;
  readonly progress?: ProgressReport | undefined;
  /** What it told or printed and nobody will ever see. */
  readonly dropped?: readonly { readonly what: string; readonly count: number }[];
}

/** Passes a report on to a job's telemetry, in the order in which it is to be read. Partial results are the executor's own. */
export function tellReport(telemetry: Teller, { sample, progress, dropped = [] }: CourseReport): void {
  if (sample !== undefined) telemetry.next({ type: 'sample', ...sample });
  if (progress !== undefined) tellProgress(telemetry, progress);
  for (const each of dropped) telemetry.next({ type: 'dropped', ...each });
}

function tellProgress(telemetry: Teller, { items, progress }: ProgressReport): void {
  telemetry.next({ type: 'item', ...items });
  if (progress !== null) telemetry.next({ type: 'progress', ...progress });
}
