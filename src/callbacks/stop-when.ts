import { concat, defer, filter, ignoreElements, map, take, takeWhile, tap, type Observable } from 'rxjs';
import type { RunEvent } from '../events/index.ts';
import { stop, type Directive, type Run } from './callback.ts';

/**
 * Takes a run in, event by event: a fold.
 *
 * @param isLive whether it happens now; what a journal holds is only remembered
 * @returns why the training is to end, as things stand after the event; `undefined` where it may go on.
 */
export type Judge = (event: RunEvent, isLive: boolean) => string | undefined;

/**
 * Asks for the end of the training once, as soon as the judge has a reason.
 *
 *     history$   -a-b|
 *     events$         --c-d-E-     (d: has a reason; E: the end of the training)
 *     stopWhen   ---------(s|)
 *
 * A resumed run is remembered by its history, so that nothing of a judge is stored anywhere. A reason that history has given and
 * taken back again is forgotten; one that is in force at its end is told at the first event after it. After `training:end` there is
 * nothing left to stop.
 */
export function stopWhen(run: Pick<Run<never>, 'history$' | 'events$'>, judge: Judge): Observable<Directive> {
  return defer(() => {
    let reason: string | undefined;
    const remembered$ = run.history$.pipe(
      tap((event) => (reason = judge(event, false))),
      ignoreElements(),
    );
    const present$ = run.events$.pipe(
      takeWhile(({ type }) => type !== 'training:end'),
      map((event) => reason ?? judge(event, true)),
      filter((found) => found !== undefined),
      take(1),
      map((found) => stop(found)),
    );
    return concat(remembered$, present$);
  });
}
