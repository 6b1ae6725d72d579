// Two rules that Pitwall does not have, made of RxJS operators: a safeguard is a function of the guarded evaluation.
import { distinctUntilChanged, filter, map, merge, switchMap, timer } from 'rxjs';
import { sustained, violationOf, type Safeguard } from 'pitwall';

/** Ends an evaluation that has told no more `done` for `limitMs`, counted from its start. */
export function maxStall(limitMs: number): Safeguard {
  return function maxStall(guarded) {
    const advanced$ = guarded.progress$.pipe(
      map(({ done }) => done),
      distinctUntilChanged(),
    );
    return merge(guarded.started$, advanced$).pipe(
      switchMap(() => timer(limitMs, guarded.scheduler)), // each advance begins the wait anew
      map(() =>
        violationOf(guarded, {
          rule: 'stallMs',
          limit: limitMs,
          observed: limitMs,
          unit: 'ms',
          action: 'abort',
          message: `"${guarded.name}" told no progress for ${limitMs} ms (stallMs)`,
        }),
      ),
    );
  };
}

/** Tells, and lets go on, an evaluation that holds more than `limitMb` for `forMs` on end. A short peak is nothing. */
export function heldMemory(limitMb: number, forMs: number): Safeguard {
  return function heldMemory(guarded) {
    return guarded.samples$.pipe(
      sustained(({ memoryMb }) => (memoryMb === null ? null : memoryMb > limitMb), {
        forMs,
        scheduler: guarded.scheduler,
      }),
      map(({ memoryMb }) => memoryMb),
      filter((memoryMb) => memoryMb !== null),
      map((memoryMb) =>
        violationOf(guarded, {
          rule: 'heldMemoryMb',
          limit: limitMb,
          observed: Math.round(memoryMb),
          unit: 'MB',
          action: 'warn',
        }),
      ),
    );
  };
}
