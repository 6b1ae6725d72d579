import { filter, type Observable, type OperatorFunction } from 'rxjs';
import type { JournalledEvent, RunEvent } from '../events/index.ts';

/** Of a stream of events the stream that has no steps to begin with. */
const stepless = new WeakMap<Observable<RunEvent>, Observable<JournalledEvent>>();

/**
 * Leaves the steps out.
 *
 *     events$          a-sss-b-sss-c|   (s: a step)
 *     withoutSteps()   a-----b-----c|
 *
 * Put first after the `events$` of a run, it costs a step nothing: the run has no need to hand it over. Elsewhere it is a filter.
 * Completes and errors with its source.
 *
 * Not before a trigger such as `everyEpochs`, which tells the step of its subject, and counts the steps for that.
 *
 * @example
 * run.events$.pipe(withoutSteps(), tap(({ seq, type }) => console.log(seq, type)));
 */
export function withoutSteps(): OperatorFunction<RunEvent, JournalledEvent> {
  return (events$) => stepless.get(events$) ?? events$.pipe(filter((event) => event.type !== 'step'));
}

/** Tells {@link withoutSteps} where the same events come without the steps. */
export function hasStepless(events$: Observable<RunEvent>, without$: Observable<JournalledEvent>): void {
  stepless.set(events$, without$);
}
