import { Subject, Subscription, NEVER, from, type Observable } from 'rxjs';
import type { Callback, Desk, Run } from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { runEvent, type RunEventSketch } from '../../src/testing/run-event.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

interface FakeRunOptions {
  /** The run's name. */
  readonly runName?: string;
  /** What the journal of the run holds from before. */
  readonly history?: readonly RunEvent[];
  readonly epochs?: number;
  /** The epoch in which it is. */
  readonly epoch?: number;
  /** The run's folder: without it there is no journal. */
  readonly folder?: string;
  readonly durable$?: Observable<number>;
  readonly clock?: VirtualClock;
}

/** A run in small: gives events to one callback and keeps what the callback publishes. */
export class FakeRun {
  readonly #events = new Subject<RunEvent>();
  readonly published: EventBody[] = [];
  /** The errors that it has reported. */
  readonly reported: unknown[] = [];
  /** What the run is to wait for at its end. */
  readonly held: Promise<unknown>[] = [];
  /** What its Observable has failed with. */
  readonly failed: unknown[] = [];
  readonly clock: VirtualClock;
  readonly #options: FakeRunOptions;
  #seq = 0;

  constructor(options: FakeRunOptions = {}) {
    this.clock = options.clock ?? new VirtualClock();
    this.#options = options;
  }

  connect(callback: Callback): Subscription {
    const { runName = 'minishogi', history = [], epochs = 3, epoch = 0, folder, durable$ = NEVER } = this.#options;
    const none = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 };
    const run: Run = {
      runId: 'run-1',
      name: runName,
      epochs,
      clock: this.clock,
      events$: this.#events.asObservable(),
      history$: from(history),
      state: { epoch, step: 0, metrics: undefined, evaluationsInFlight: [], evaluations: none },
      durable$,
      emit: () => undefined,
    };
    const desk = {
      folder,
      publish: (body: EventBody) => this.published.push(body),
      report: (error: unknown) => this.reported.push(error),
      hold: (work: Promise<unknown>) => this.held.push(work),
      measure: (_event: string, work: () => unknown) => work(),
    } as unknown as Desk;
    const error = (cause: unknown) => this.failed.push(cause);
    return callback.connect(run as never, desk)?.subscribe({ error }) ?? Subscription.EMPTY;
  }

  emit(body: EventBody): void {
    this.#events.next({ seq: ++this.#seq, at: this.clock.wallNow(), runId: 'run-1', ...body });
  }

  /** An event without a `seq`. */
  step(): void {
    this.#events.next({ type: 'step', at: 1, runId: 'run-1', epoch: 1, step: 1, durationMs: 1 });
  }

  /** The whole event of a sketch. */
  tell(...sketches: readonly RunEventSketch[]): void {
    for (const sketch of sketches)
      this.#events.next(runEvent({ seq: ++this.#seq, at: this.clock.wallNow(), ...sketch } as RunEventSketch));
  }

  /** Whether somebody listens to it. */
  get isHeard(): boolean {
    return this.#events.observed;
  }

  end(): void {
    this.#events.complete();
  }
}
