// A rule that Pitwall does not have: an evaluation that cannot finish in time is ended before its time is over.
import { filter, map, switchMap, take } from 'rxjs';
import { violationOf } from 'pitwall';

/**
 * Ends an evaluation that at its present pace would take longer than `withinMs`.
 *
 * The pace is told by its progress, `{ done, total }`, from `fromDone` on; one that tells no total is let be.
 *
 * @param {{ withinMs: number, fromDone?: number }} options
 * @returns {import('pitwall').Safeguard}
 */
export function onPace({ withinMs, fromDone = 3 }) {
  return function onPace(guarded) {
    const now = () => guarded.scheduler.now();
    return guarded.started$.pipe(
      map(now),
      switchMap((startedAt) =>
        guarded.progress$.pipe(
          filter(({ done, total }) => total !== undefined && done >= fromDone),
          map(({ done, total = 0 }) => Math.round(((now() - startedAt) * total) / done)),
        ),
      ),
      filter((projectedMs) => projectedMs > withinMs),
      take(1),
      map((projectedMs) =>
        violationOf(guarded, { rule: 'paceMs', limit: withinMs, observed: projectedMs, unit: 'ms', action: 'abort' }),
      ),
    );
  };
}
