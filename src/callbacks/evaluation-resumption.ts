import { concat, defer, finalize, tap, type Observable } from 'rxjs';
import { triggerPointOf } from '../operators/index.ts';
import type { JournalledEvent, RunEvent } from '../events/index.ts';
import type { Run } from './callback.ts';
import type { NewestRequests } from './evaluation-requests.ts';
import type { EvaluationSubject, SubjectTracker } from './evaluation-subject.ts';
import type { ResumedRun } from './resumed-run.ts';

/** What an evaluation still has to ask for when its run goes on. */
export interface OwedRequest {
  readonly subject: EvaluationSubject;
  /** It had been asked for, and was lost. */
  readonly resumed: boolean;
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
  readonly #tracker: SubjectTracker;
  readonly #fired: EvaluationSubject[] = [];
  #remembering = 0;
  #isAtPoint = false;

  constructor(resumed: ResumedRun, name: string, tracker: SubjectTracker) {
    this.#resumed = resumed;
    this.#name = name;
    this.#tracker = tracker;
  }

  /** The events for the trigger: the history first, so that it counts and compares as if the run had never been cut off. */
  eventsOf({ history$, events$ }: Pick<Run<never>, 'history$' | 'events$'>): Observable<RunEvent> {
    const past$ = defer(() => {
      this.#remembering++;
      return history$.pipe(
        tap((event) => {
          this.#tracker.see(event);
          this.#isAtPoint = this.#isOfPoint(event);
        }),
        finalize(() => this.#remembering--),
      );
    });
    return concat(past$, events$);
  }

  /**
   * Takes what the trigger fired.
   *
   * @returns whether that came of the history, so that nothing is to be asked for now.
   */
  remembers(fired: unknown, subject: EvaluationSubject): boolean {
    const { epoch, step } = this.#resumed.from;
    if (this.#remembering > 0) {
      if (this.#isAtPoint) this.#fired.push({ ...subject, epoch, step });
      return true;
    }
    // What a trigger has held back, with debounceTime for one, comes late, and says of which epoch it is.
    const tells = triggerPointOf(fired).epoch !== undefined;
    return tells && (subject.epoch < epoch || (subject.epoch === epoch && subject.step <= step));
  }

  /** What was lost, and what was to be asked for at the checkpoint but is not on disk. To be asked once, when the run goes on. */
  owed({ repeats }: { readonly repeats: boolean }): readonly OwedRequest[] {
    const lost = this.#resumed.lost
      .filter(({ name, subject }) => name === this.#name && subject.checkpoint !== undefined)
      .map(({ subject }) => ({ subject, resumed: true }));
    const onDisk = this.#requests().filter(({ epoch, step }) => this.#isPoint(epoch, step)).length;
    const missed = this.#fired.slice(onDisk).map((subject) => ({ subject, resumed: false }));
    return [...(repeats ? lost : []), ...missed];
  }

  /** The evaluations of the latest epoch that were asked for, and neither skipped nor lost. */
  newest(): NewestRequests {
    const requests = this.#requests();
    const epoch = requests.at(-1)?.epoch ?? -1;
    const over = new Set(this.#resumed.lost.map(({ evaluationId }) => evaluationId));
    for (const event of this.#resumed.history) if (event.type === 'evaluation:skipped') over.add(event.evaluationId);
    const ids = requests.filter((request) => request.epoch === epoch && !over.has(request.evaluationId));
    return { epoch, ids: new Set(ids.map(({ evaluationId }) => evaluationId)) };
  }

  #requests() {
    return this.#resumed.history.filter(
      (event) => event.type === 'evaluation:requested' && event.name === this.#name,
    ) as Extract<JournalledEvent, { readonly type: 'evaluation:requested' }>[];
  }

  /** Whether an event is the one after which the training goes on, or tells the checkpoint of that moment. */
  #isOfPoint(event: RunEvent): boolean {
    if (event.type === 'step') return false;
    return (
      event.seq === this.#resumed.from.fromSeq ||
      (event.type === 'checkpoint' && this.#isPoint(event.epoch, event.step))
    );
  }

  #isPoint(epoch: number, step: number): boolean {
    return epoch === this.#resumed.from.epoch && step === this.#resumed.from.step;
  }
}
