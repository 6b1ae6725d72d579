import { defer, filter, map, tap, type Observable } from 'rxjs';
import type { EventOf, RunEvent } from '../events/index.ts';
import { lastStep } from './last-step.ts';
import type { TriggerPoint } from './trigger.ts';

/**
 * Emits the finished epochs at which `fires(last, epoch)` holds, `last` being the latest epoch that had ended before.
 * An interrupted epoch has not finished: it neither fires nor counts.
 */
export function epochEnds(
  events$: Observable<RunEvent>,
  { from, fires }: { readonly from: number; readonly fires: (last: number, epoch: number) => boolean },
): Observable<TriggerPoint> {
  return defer(() => {
    let last = from;
    let step = 0;
    return events$.pipe(
      tap((event) => (step = lastStep(step, event))),
      filter((event): event is EventOf<'epoch:end'> => event.type === 'epoch:end' && event.interrupted !== true),
      filter(({ epoch }) => {
        const fired = fires(last, epoch);
        last = Math.max(last, epoch);
        return fired;
      }),
      map(({ epoch, metrics, checkpoint }) => ({ epoch, step, metrics, ...(checkpoint && { checkpoint }) })),
    );
  });
}
