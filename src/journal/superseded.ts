import { scaleTold, type JournalledEvent } from '../events/index.ts';

/**
 * Leaves out what a resumed run has done again: the events after the `fromSeq` of a `run:resume` and before it.
 *
 *     events   1 2 3 4 5 6 R 8 9     (R: goes on from 3)
 *     gives    1 2 3       R 8 9
 *
 * What is not done again stays, as {@link surviving} says.
 */
export function withoutSuperseded<Event extends JournalledEvent>(events: readonly Event[]): readonly Event[] {
  let present: Event[] = [];
  for (const event of events) {
    if (event.type === 'run:resume') present = [...surviving(present, event.fromSeq)];
    present.push(event);
  }
  return present;
}

/**
 * What stands of a run's events when it goes on from one of them: all up to that one, and after it what is told of the time up to
 * there, which is not done again.
 *
 * These are the `evaluation:*` of a subject at or before the checkpoint, the `sla:*` that tell of such an evaluation, the `breaker:*`
 * that it brought about, a `checkpoint` that was written beside the training, and a `scale` directive that answers what stands. What
 * an evaluation brought about at its breaker that has no end, or came to nothing with a stop, goes: it is asked for again.
 *
 * @param fromSeq of the end of an epoch, of a `checkpoint` in its middle, or of `run:start`
 */
export function surviving<Event extends JournalledEvent>(events: readonly Event[], fromSeq: number): readonly Event[] {
  const point = pointOf(events, fromSeq);
  const subjects = new Map<string, Point>();
  const ended = new Set<string>();
  for (const event of events) {
    if (event.type === 'evaluation:requested') subjects.set(event.evaluationId, event);
    else if (event.type === 'evaluation:end' && event.stopped !== true) ended.add(event.evaluationId);
  }
  const isReached = (subject: Point | undefined): boolean =>
    subject !== undefined &&
    (subject.epoch < point.epoch || (subject.epoch === point.epoch && subject.step <= point.step));
  const standing = new Set<number>();
  return events.filter((event, index) => {
    const stands = isStanding(event, index);
    if (stands) standing.add(event.seq);
    return stands;
  });

  function isStanding(event: JournalledEvent, index: number): boolean {
    if (event.type === 'breaker:transition') {
      const { causedBy } = event;
      if (causedBy !== undefined && subjects.has(causedBy) && !ended.has(causedBy) && isOfCalls(event)) return false;
      return event.seq <= fromSeq || isReached(causeOf(event, index, events, subjects));
    }
    if (event.seq <= fromSeq) return true;
    if (isOfEvaluation(event) || event.type === 'checkpoint') return isReached(event);
    const scaled = scaleTold(event);
    if (scaled !== undefined) return standing.has(scaled.causedBySeq ?? 0); // its cause comes before it
    return 'violation' in event && isReached(subjects.get(event.violation.evaluationId));
  }
}

/** How far a training has come. */
interface Point {
  readonly epoch: number;
  readonly step: number;
}

type EvaluationEvent = Extract<JournalledEvent, { readonly evaluationId: string }>;

function isOfEvaluation(event: JournalledEvent): event is EvaluationEvent {
  return event.type.startsWith('evaluation:');
}

/** At the end of an epoch all of its steps are done, whether the event tells their number or not. */
function pointOf(events: readonly JournalledEvent[], fromSeq: number): Point {
  const from = events.find(({ seq }) => seq === fromSeq);
  if (from?.type === 'checkpoint') return from;
  if (from?.type !== 'epoch:end') return { epoch: 0, step: Infinity };
  return { epoch: from.epoch, step: from.interrupted === true ? (from.step ?? 0) : Infinity };
}

/** A change that calls bring about. One that the program asks for, by forceOpen() for one, tells the evaluation last heard of too. */
function isOfCalls({ from, to }: Transition): boolean {
  return to === 'open' || to === 'half-open' || (to === 'closed' && from === 'half-open');
}

type Transition = Extract<JournalledEvent, { readonly type: 'breaker:transition' }>;

/** The evaluation that brought a breaker's change about; of a journal that does not tell it, the next of its name to end. */
function causeOf(
  { causedBy, name }: Transition,
  index: number,
  events: readonly JournalledEvent[],
  subjects: ReadonlyMap<string, Point>,
): Point | undefined {
  if (causedBy !== undefined) return subjects.get(causedBy);
  const isIts = (event: JournalledEvent): event is EvaluationEvent => isOfEvaluation(event) && event.name === name;
  const next = events.slice(index).find((event) => event.type === 'evaluation:end' && event.name === name);
  return (next ?? events.slice(0, index).findLast(isIts)) as EvaluationEvent | undefined;
}
