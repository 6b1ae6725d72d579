import { of, type Observable } from 'rxjs';
import type { GuardedEvaluation } from './safeguard.ts';

/** When an evaluation's work begins: at the subscription where nothing is known of it, as in a test that gives a few streams. */
export function startOf({ started$ }: Partial<Pick<GuardedEvaluation, 'started$'>>): Observable<void> {
  return started$ ?? of(undefined);
}
