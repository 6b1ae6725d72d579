import { Observable } from 'rxjs';
import type { JournalledEvent } from '../events/index.ts';
import { withoutSteps } from '../operators/index.ts';
import type { Run } from './callback.ts';

/**
 * Tells what happens in a run from now on, but for the steps.
 *
 *     events$   a-sss-b-sss-c|   (s: a step)
 *     hear      a-----b-----c
 *     hearing   -------------|
 *
 * Emits nothing, completes with the run, and errors with what `hear` throws.
 */
export function hearing(run: Pick<Run<never>, 'events$'>, hear: (event: JournalledEvent) => void): Observable<never> {
  return new Observable((subscriber) =>
    run.events$.pipe(withoutSteps()).subscribe({
      next: (event) => {
        try {
          hear(event);
        } catch (error) {
          subscriber.error(error);
        }
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        subscriber.complete();
      },
    }),
  );
}
