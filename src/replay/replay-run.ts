import { defer, type Observable, type SchedulerLike } from 'rxjs';
import type { RunEvent } from '../events/index.ts';
import { playback } from './playback.ts';

/**
 * Tells the events of a recorded run again, in their order and with the time that lay between them, in a scheduler's time: under a
 * virtual one, eight hours pass in a moment.
 *
 *     events   [run:start at 12:00:00.000, epoch:start at 12:00:00.000, epoch:end at 12:00:00.003]
 *     told     (se)--(E|)
 *
 * Cold: each subscription hears the run from its first event, which comes at the subscription, in a turn of the scheduler of its
 * own. Where the recorded wall clock was set back, the events come at once until it is past that moment again. Completes with the
 * last event, never errors.
 *
 * @param events as `readJournal` gives them
 *
 * @example
 * const scheduler = new VirtualTimeScheduler();
 * replayRun(await readJournal('.pitwall/minishogi-1'), scheduler).pipe(onBestMetric('loss')).subscribe(console.log);
 * scheduler.flush();
 */
export function replayRun<Event extends RunEvent>(
  events: readonly Event[],
  scheduler: SchedulerLike,
): Observable<Event> {
  return defer(() => {
    const beganAt = events[0]?.at ?? 0;
    let latestMs = 0;
    const moments = events.map((value) => {
      latestMs = Math.max(latestMs, value.at - beganAt);
      return { atMs: latestMs, value };
    });
    return playback(moments, scheduler).told$;
  });
}
