import { concat, defer, ignoreElements, tap, type Observable } from 'rxjs';
import type { RunEvent } from '../events/index.ts';
import type { Run } from './callback.ts';
import { hearing } from './hearing.ts';

/** How a callback that asks nothing of the training follows a run. */
export interface Follower {
  /**
   * Takes an event in.
   *
   * @param isLive whether it happens now; what a journal holds is only remembered
   */
  see(event: RunEvent, isLive: boolean): void;
  /** Called once, when all that the journal holds has been seen. */
  onPresent?(): void;
}

/** Tells a follower the past of a resumed run, and then what happens, but for the steps. Emits nothing. */
export function following(run: Pick<Run<never>, 'history$' | 'events$'>, follower: Follower): Observable<never> {
  const remembered$ = run.history$.pipe(
    tap((event) => {
      follower.see(event, false);
    }),
    ignoreElements(),
  );
  const present$ = defer(() => {
    follower.onPresent?.();
    return hearing(run, (event) => {
      follower.see(event, true);
    });
  });
  return concat(remembered$, present$);
}
