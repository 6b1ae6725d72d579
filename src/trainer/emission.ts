import type { Clock } from '../clock/index.ts';
import type { EventBody, EventOf, JournalledEvent, RunEvent } from '../events/index.ts';

interface EmissionOptions {
  readonly runId: string;
  readonly clock: Clock;
  /** Hands an event to everybody. It must not throw. */
  readonly deliver: (event: RunEvent) => void;
  /** Called each time that nothing is left to deliver. */
  readonly onIdle: () => void;
  /** The last `seq` that was given before; 0 for a new run. */
  readonly lastSeq: number;
}

/** What stands in the queue: an event, or a task between two. */
type Entry = RunEvent | (() => void);

/**
 * The order of a run: a first-in-first-out queue in front of the delivery.
 *
 * An event gets its `seq` and `at` when it is enqueued; one that is emitted during a delivery is delivered to everybody after
 * it. Nothing is delivered before `open`: what is published until then follows the first event.
 */
export class Emission {
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #deliver: (event: RunEvent) => void;
  readonly #onIdle: () => void;
  readonly #queue: Entry[] = [];
  /** What comes before the first event, until that is there. */
  #held: (EventBody | (() => void))[] | undefined = [];
  #seq: number;
  #delivering = false;
  #turn = 0;
  #closed = false;

  constructor({ runId, clock, deliver, onIdle, lastSeq }: EmissionOptions) {
    this.#runId = runId;
    this.#clock = clock;
    this.#deliver = deliver;
    this.#onIdle = onIdle;
    this.#seq = lastSeq;
  }

  /** Changes with each drain of the queue: who counts what is emitted in one drain compares it. */
  get turn(): number {
    return this.#turn;
  }

  get delivering(): boolean {
    return this.#delivering;
  }

  /** Emits the run's first event, and then what was published before it. */
  open(first: EventBody): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const head = this.stamped(first);
    for (const entry of held) this.#queue.push(typeof entry === 'function' ? entry : this.stamped(entry));
    this.#emit(head);
  }

  publish(body: EventBody): void {
    if (this.#closed) return;
    if (this.#held !== undefined) {
      this.#held.push(body);
      return;
    }
    this.#emit(this.stamped(body));
  }

  /** Emits a step: without a `seq`, because it is not kept. */
  step(epoch: number, step: number, durationMs: number, metrics: Record<string, unknown> | undefined): void {
    if (this.#closed) return;
    const event: EventOf<'step'> = {
      type: 'step',
      at: this.#clock.wallNow(),
      runId: this.#runId,
      epoch,
      step,
      durationMs,
    };
    if (metrics !== undefined) event.metrics = metrics;
    this.#emit(event);
  }

  /** Runs `task` after what is enqueued now, so that it stands between two events. */
  inTurn(task: () => void): void {
    if (this.#held === undefined) this.#emit(task);
    else this.#held.push(task);
  }

  /** Makes the next event without emitting it. */
  stamped(body: EventBody): JournalledEvent {
    const stamp = { seq: ++this.#seq, at: this.#clock.wallNow(), runId: this.#runId };
    // Frozen, so that what one callback writes into it by mistake is not what the others read.
    return Object.freeze({ ...stamp, ...body });
  }

  /** From here on nothing is emitted. */
  close(): void {
    this.#closed = true;
  }

  /** Handles an entry and all that it brings about, or enqueues it if one is being handled. */
  #emit(entry: Entry): void {
    if (this.#delivering) {
      this.#queue.push(entry);
      return;
    }
    this.#delivering = true;
    this.#turn++;
    this.#handle(entry);
    if (this.#queue.length > 0) {
      // It grows while it is read; its end is reached because each callback's share of a turn is bounded.
      for (const next of this.#queue) this.#handle(next);
      this.#queue.length = 0;
    }
    this.#turn++;
    this.#delivering = false;
    this.#onIdle();
  }

  #handle(entry: Entry): void {
    if (typeof entry === 'function') entry();
    else this.#deliver(entry);
  }
}
