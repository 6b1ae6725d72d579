import type { RunReport } from './run-report.ts';

/** Says of which part of the run its overhead is, after the time that it is of; nothing where that is the whole run. */
export function overheadPart({ resumptions }: Pick<RunReport, 'resumptions'>): string {
  return resumptions.length === 0 ? '' : ' since the last resumption';
}
