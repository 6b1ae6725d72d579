// Two rules that Pitwall does not have, made of RxJS operators: a safeguard is a function of the guarded evaluation.
import { bufferCount, filter, map, take } from 'rxjs';
import { sustained, violationOf, type Safeguard } from 'pitwall';

/** Tells, and lets go on, an evaluation that is still at work when the training has ended `limit` more epochs. */
export function maxEpochsBehind(limit: number): Safeguard {
  return function maxEpochsBehind(guarded) {
    return guarded.run$.pipe(
      filter(({ type }) => type === 'epoch:end'),
      bufferCount(limit),
      take(1),
      map(() => violationOf(guarded, { rule: 'epochsBehind', limit, observed: limit, unit: 'epochs', action: 'warn' })),
    );
  };
}

/** Ends an evaluation whose processes do nothing for `forMs`: less than 5% of a core is what waiting takes. */
export function maxIdle(forMs: number): Safeguard {
  return function maxIdle(guarded) {
    return guarded.samples$.pipe(
      sustained(({ cpuPercent }) => (cpuPercent === null ? null : cpuPercent < 5), {
        forMs,
        scheduler: guarded.scheduler,
      }),
      map(() =>
        violationOf(guarded, {
          rule: 'idleMs',
          limit: forMs,
          observed: forMs,
          unit: 'ms',
          action: 'abort',
          message: `"${guarded.name}" used no processor for ${forMs} ms (idleMs)`,
        }),
      ),
    );
  };
}
