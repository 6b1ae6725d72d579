import { concat, defer, filter, finalize, tap, type Observable } from 'rxjs';
import type { EventOf, JournalledEvent, RunEvent } from '../events/index.ts';
import type { Run } from './callback.ts';
import { cutShort } from './host-lost.ts';
import type { NewestRequests } from './evaluation-requests.ts';
import { subjectTracker, type EvaluationSubject, type SubjectTracker } from './evaluation-subject.ts';
import type { ResumedRun } from './resumed-run.ts';

/** What an evaluation still has to ask for when its run goes on. */
export interface OwedRequest {
  readonly subject: EvaluationSubject;
  /** It had been asked for, and was lost. */
  readonly resumed: boolean;
}

/** The history as its trigger is being told of it. */
interface Telling {
  readonly tracker: SubjectTracker;
  /** Of the event that is being told. */
  seq: number;
}

/**
 * The part of one evaluation in a run that goes on: what its trigger is told of before, and what it still has to ask for.
 *
 *     history$   -5*--------|               (5: the checkpoint's epoch, at which the trigger fires; *: its request, if it is on disk)
 *     events$               R--6--7--10     (R: run:resume)
 *     requests              ?--------10     (?: that of 5, where it was lost or never got to the disk)
 */
export class EvaluationResumption {
  readonly #resumed: ResumedRun;
  readonly #name: string;
  readonly #repeats: boolean;
  /** The requests on disk that the trigger has not fired for yet, as their `seq`, by their subject. */
  readonly #asked: ReadonlyMap<string, number[]>;
  readonly #missed: EvaluationSubject[] = [];
  #telling: Telling | undefined;

  constructor(resumed: ResumedRun, { name, repeats }: { readonly name: string; readonly repeats: boolean }) {
    this.#resumed = resumed;
    this.#name = name;
    this.#repeats = repeats;
    this.#asked = askedIn(this.#own(), repeats);
  }

  /** Tracks from where the training goes on. */
  tracker(): SubjectTracker {
    const { history, from } = this.#resumed;
    const tracker = subjectTracker({ ...from, metrics: undefined });
    for (const event of history) tracker.see(event);
    return tracker;
  }

  /**
   * The events for the trigger: the history first, so that it counts and compares as if the run had never been cut off. An epoch that
   * is entered again does not begin twice for it.
   */
  eventsOf({ history$, events$ }: Pick<Run<never>, 'history$' | 'events$'>): Observable<RunEvent> {
    const past$ = defer(() => {
      const outer = this.#telling;
      const telling = { tracker: subjectTracker({ epoch: 0, step: 0, metrics: undefined }), seq: 0 };
      this.#telling = telling;
      return history$.pipe(
        tap((event) => {
          telling.tracker.see(event);
          if (event.type !== 'step') telling.seq = event.seq;
        }),
        finalize(() => (this.#telling = outer)),
      );
    });
    const { epoch } = this.#resumed.from;
    const present$ = events$.pipe(filter((event) => event.type !== 'epoch:start' || event.epoch > epoch));
    return concat(past$, present$);
  }

  /**
   * Takes what the trigger fired.
   *
   * What it fires for the history has been asked for before; only what it fires for the checkpoint, or for what was told after that and
   * stands, may not have got to the disk. What it has held back, with debounceTime for one, it fires when the history is over.
   *
   * @param present where the training stands
   * @returns whether nothing is to be asked for now.
   */
  remembers(fired: unknown, present: SubjectTracker): boolean {
    const { fromSeq, epoch, step } = this.#resumed.from;
    const telling = this.#telling;
    if (telling === undefined) return this.#wasAsked(present.subjectOf(fired), 0);
    const { seq, tracker } = telling;
    const told = tracker.subjectOf(fired);
    const subject = seq === fromSeq ? { ...told, epoch, step } : told;
    if (!this.#wasAsked(subject, seq) && seq >= fromSeq) this.#missed.push(subject);
    return true;
  }

  /** Whether it depends on what the other callbacks ask of the training at `run:resume` what is owed. */
  get waitsForOthers(): boolean {
    return this.#repeats && this.#resumed.stopped.some(({ name }) => name === this.#name);
  }

  /**
   * What was lost or came to nothing with a stop, and what was to be asked for but is not on disk. To be asked once, when the run goes
   * on.
   *
   * @param isEnding a stop is in force: what had come to nothing with a stop stays at that
   */
  owed(isEnding: boolean): readonly OwedRequest[] {
    const { lost, lostBefore, stopped } = this.#resumed;
    const repeated = [...lostBefore, ...lost, ...(isEnding ? [] : stopped)]
      .filter(({ name, subject }) => name === this.#name && subject.checkpoint !== undefined)
      .map(({ subject }) => ({ subject, resumed: true }))
      .sort((one, other) => one.subject.epoch - other.subject.epoch || one.subject.step - other.subject.step);
    const missed = this.#missed.map((subject) => ({ subject, resumed: false }));
    return [...(this.#repeats ? repeated : []), ...missed];
  }

  /** Whether an evaluation of an epoch came to nothing with a stop, and stays at that as the run ends. */
  isLeft(epoch: number): boolean {
    return this.#resumed.stopped.some(({ name, subject }) => name === this.#name && subject.epoch === epoch);
  }

  /** The evaluations of the latest epoch that were asked for, and neither skipped nor lost. */
  newest(): NewestRequests {
    const own = this.#own();
    const over = new Set(this.#resumed.lost.map(({ evaluationId }) => evaluationId));
    for (const event of own) if (event.type === 'evaluation:skipped' || cutShort(event)) over.add(event.evaluationId);
    const requests = own.filter(({ type }) => type === 'evaluation:requested');
    const epoch = requests.reduce((latest, request) => Math.max(latest, request.epoch), -1);
    const ids = requests.filter((request) => request.epoch === epoch && !over.has(request.evaluationId));
    return { epoch, ids: new Set(ids.map(({ evaluationId }) => evaluationId)) };
  }

  /** Whether a request of this subject is on disk that came after an event, and is no answer to another. */
  #wasAsked(subject: EvaluationSubject, afterSeq: number): boolean {
    const asked = this.#asked.get(keyOf(subject)) ?? [];
    const index = asked.findIndex((seq) => seq > afterSeq);
    if (index >= 0) asked.splice(index, 1);
    return index >= 0;
  }

  #own(): readonly EvaluationEvent[] {
    return this.#resumed.history.filter(
      (event): event is EvaluationEvent => 'evaluationId' in event && event.name === this.#name,
    );
  }
}

type EvaluationEvent = Extract<JournalledEvent, { readonly evaluationId: string }>;

/** Those that were asked for again, as they had been lost, answer no trigger. */
function askedIn(events: readonly EvaluationEvent[], repeats: boolean): Map<string, number[]> {
  const asked = new Map<string, number[]>();
  const lost = new Map<string, number>();
  for (const event of events) {
    const key = keyOf(event);
    const lostOf = lost.get(key) ?? 0;
    if (cutShort(event)) lost.set(key, lostOf + 1);
    else if (event.type !== 'evaluation:requested') continue;
    else if (repeats && lostOf > 0) lost.set(key, lostOf - 1);
    else asked.set(key, [...(asked.get(key) ?? []), event.seq]);
  }
  return asked;
}

function keyOf({ epoch, step }: Pick<EventOf<'evaluation:requested'>, 'epoch' | 'step'>): string {
  return `${epoch} ${step}`;
}
