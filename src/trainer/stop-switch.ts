import { setMaxListeners } from 'node:events';
import { failed, stopped, verdictOf, type Course, type Outcome } from './outcome.ts';
import { RunStoppedError } from './run-stopped-error.ts';

/** Takes the requests to end the training, and decides what the outcome says of them. */
export class StopSwitch {
  readonly #controller = new AbortController();
  #course: Course = { kind: 'going' };
  #isTraining = true;
  #lateReason: string | undefined;

  constructor() {
    setMaxListeners(0, this.#controller.signal); // every step of a long run may add one
  }

  /** Aborts when the training is to end; its reason is a {@link RunStoppedError}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What rejects the next step; `undefined` while the training may go on. */
  get error(): RunStoppedError | undefined {
    return this.signal.aborted ? (this.signal.reason as RunStoppedError) : undefined;
  }

  /**
   * Asks for the end of the training; after it, only the reason is kept.
   *
   * @returns whether the training was still going on.
   */
  stop(reason: string): boolean {
    if (!this.#isTraining) {
      this.#lateReason = reason;
      return false;
    }
    this.#course = stopped(this.#course, reason);
    this.#abort(reason);
    return true;
  }

  /** Makes the run a failed one, at whatever time. */
  fail(error: unknown): void {
    this.#course = failed(this.#course, error);
    if (this.#isTraining) this.#abort('it has failed');
  }

  /** From here on a stop comes too late to change anything but the reason told. */
  trainingEnded(): void {
    this.#isTraining = false;
  }

  get verdict(): Pick<Outcome, 'status' | 'reason' | 'error'> {
    return verdictOf(this.#course, this.#lateReason);
  }

  #abort(reason: string): void {
    if (!this.signal.aborted) this.#controller.abort(new RunStoppedError(reason));
  }
}
