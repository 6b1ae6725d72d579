import type { Subscriber } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import type { Violation } from '../events/index.ts';
import type { Job, PaceOrder } from '../executors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { FakeCourse } from './fake-script.ts';
import type { FakeSlots } from './fake-slots.ts';

/** What became of one execution: `killed` was unsubscribed from, `aborted` was asked to end. */
export type FakeStatus = 'waiting' | 'starting' | 'running' | 'completed' | 'crashed' | 'aborted' | 'killed';

/** How long its parts take, in ms. */
export interface FakeDurations {
  readonly startMs: number;
  readonly goneMs: number;
}

/** One job's way through a fake executor: a slot, the start, the script, and an end that may take its time. */
export class FakeExecution<O> {
  readonly job: Job;
  readonly #course: FakeCourse;
  readonly #clock: Clock;
  readonly #slots: FakeSlots;
  readonly #durations: FakeDurations;
  readonly #timers = new Set<() => void>();
  readonly #requestedMs: number;
  #subscriber: Subscriber<O> | undefined;
  #leaveSlot: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #endPause: (() => void) | undefined;
  #status: FakeStatus = 'waiting';
  #startedMs: number | undefined;
  #isGone = false;

  constructor(
    job: Job,
    course: FakeCourse,
    {
      clock,
      slots,
      durations,
    }: { readonly clock: Clock; readonly slots: FakeSlots; readonly durations: FakeDurations },
  ) {
    this.job = job;
    this.#course = course;
    this.#clock = clock;
    this.#slots = slots;
    this.#durations = durations;
    this.#requestedMs = clock.now();
  }

  get status(): FakeStatus {
    return this.#status;
  }

  /** Whether nothing of it is left: it has given its slot back. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Begins. @returns the kill. */
  run(subscriber: Subscriber<O>): () => void {
    this.#subscriber = subscriber;
    this.job.telemetry.next({ type: 'accepted', enforces: [] });
    const stopAborts = this.job.onAbort((reason) => {
      this.#abort(reason);
    });
    const stopOrders = this.job.onPace((order) => {
      this.#pace(order);
    });
    this.#stopListening = () => {
      stopAborts();
      stopOrders();
      this.#endPause?.();
    };
    if (this.#isGone) this.#stopListening();
    else this.#queue();
    return () => {
      this.#subscriber = undefined;
      this.#end('killed', () => undefined);
    };
  }

  #queue(): void {
    const leave = this.#slots.take(() => {
      this.#start();
    });
    this.#leaveSlot = leave;
    if (this.#isGone) leave(); // ended by what it told at its start
  }

  #start(): void {
    this.#status = 'starting';
    const begin = (): void => {
      this.#status = 'running';
      this.#startedMs = this.#clock.now();
      const queuedMs = this.#startedMs - this.#durations.startMs - this.#requestedMs;
      this.job.telemetry.next({ type: 'started', queuedMs });
      for (const { atMs, telling } of this.#course.tellings)
        this.#after(atMs, () => {
          this.job.telemetry.next(telling);
        });
      this.#planEnd();
    };
    if (this.#durations.startMs === 0) begin();
    else this.#after(this.#durations.startMs, begin);
  }

  #planEnd(): void {
    const { end } = this.#course;
    if (end.kind === 'hang') return;
    this.#after(end.atMs, () => {
      this.#clear();
      this.#status = end.kind === 'result' ? 'completed' : 'crashed';
      this.#gone();
      if (end.kind === 'error') {
        this.#subscriber?.error(end.error);
        return;
      }
      this.#subscriber?.next(end.value as O);
      this.#subscriber?.complete();
    });
  }

  #abort(reason: string | Violation): void {
    const killedAt = this.#clock.wallNow();
    this.#end('aborted', () => {
      const error =
        typeof reason === 'string'
          ? EvaluationError.cancelled(reason)
          : EvaluationError.ofViolation({ ...reason, killedAt, goneAt: this.#clock.wallNow() });
      this.#subscriber?.error(error);
    });
  }

  /** Its script goes on all the same: what is tested is who gives the order. */
  #pace({ order, pauseMs }: PaceOrder): void {
    this.#endPause?.();
    this.#endPause = undefined;
    const tell = (isPaused: boolean): void => {
      this.job.telemetry.next({ type: 'paced', order, isPaused, agoMs: 0 });
    };
    if (pauseMs > 0)
      this.#endPause = this.#clock.setTimeout(() => {
        tell(false);
      }, pauseMs);
    tell(pauseMs > 0);
  }

  /** What waited for its slot is gone at once; what was at work, when its last process is. */
  #end(status: 'aborted' | 'killed', onGone: () => void): void {
    if (this.#isGone || this.#status === 'aborted' || this.#status === 'killed') return;
    const wasAtWork = this.#status !== 'waiting';
    this.#status = status;
    this.#clear();
    const settle = (): void => {
      this.#gone();
      onGone();
    };
    if (wasAtWork && this.#durations.goneMs > 0) this.#after(this.#durations.goneMs, settle);
    else settle();
  }

  #gone(): void {
    this.#isGone = true;
    this.#stopListening?.();
    const queuedMs = this.#startedMs === undefined ? this.#clock.now() - this.#requestedMs : undefined;
    this.job.telemetry.next({ type: 'usage', usage: queuedMs === undefined ? {} : { queuedMs } });
    this.#leaveSlot?.();
  }

  #after(ms: number, task: () => void): void {
    const cancel = this.#clock.setTimeout(() => {
      this.#timers.delete(cancel);
      task();
    }, ms);
    this.#timers.add(cancel);
  }

  #clear(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}
