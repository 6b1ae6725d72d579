import { Observable, share, type SchedulerLike, type Subscription } from 'rxjs';

/** Something that is told at a moment of a recording. */
export interface Moment<T> {
  /** From the recording's beginning. */
  readonly atMs: number;
  readonly value: T;
  /** Waits this many turns of the scheduler more, so that a deadline of the same moment has its verdict before; 0 by default. */
  readonly turns?: number;
}

/** A recording that is told again, in a scheduler's time. */
export interface Playback<T> {
  /**
   * Hot from its first subscription on, which is the recording's beginning. What is due while nobody listens is not told. Completes
   * after the last moment, never errors, and leaves no timer when nobody listens any more.
   */
  readonly told$: Observable<T>;
  /** How many moments are over, told or not. */
  readonly passed: () => number;
}

/**
 * Tells moments at their times: one timer at a time, however many there are, and what is due together in one turn.
 *
 *     moments   [a at 0, b at 2, c at 2, d at 5]
 *     told$     a-(bc)--(d|)
 *
 * @param moments in order of time
 */
export function playback<T>(moments: readonly Moment<T>[], scheduler: SchedulerLike): Playback<T> {
  let beganMs: number | undefined;
  let next = 0;
  const leftMs = ({ atMs }: Moment<T>): number => (beganMs ?? scheduler.now()) + atMs - scheduler.now();
  const skipMissed = (): void => {
    for (let moment = moments[next]; moment !== undefined && leftMs(moment) < 0; moment = moments[next]) next++;
  };

  const told$ = new Observable<T>((subscriber) => {
    beganMs ??= scheduler.now();
    skipMissed();
    let waiting: Subscription | undefined;
    const wait = (ms: number, turns: number): void => {
      waiting = scheduler.schedule(() => {
        if (turns > 0) wait(0, turns - 1);
        else tell();
      }, ms);
    };
    const plan = (): void => {
      const moment = moments[next];
      if (moment === undefined) subscriber.complete();
      else wait(Math.max(0, leftMs(moment)), moment.turns ?? 0);
    };
    const tell = (): void => {
      let moment = moments[next];
      do {
        if (moment === undefined) break;
        next++; // before it is told: who listens may leave, or begin to listen
        subscriber.next(moment.value);
        moment = moments[next];
      } while (!subscriber.closed && moment?.turns === undefined && moment !== undefined && leftMs(moment) <= 0);
      if (!subscriber.closed) plan();
    };
    plan();
    return () => {
      waiting?.unsubscribe();
    };
  }).pipe(share());

  return {
    told$,
    passed: () => {
      if (beganMs !== undefined) skipMissed();
      return next;
    },
  };
}
