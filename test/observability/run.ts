import { Subject, Subscription, EMPTY, NEVER } from 'rxjs';
import type { Callback, Desk, Run } from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** A run in small: gives events to one callback and keeps what the callback publishes. */
export class FakeRun {
  readonly #events = new Subject<RunEvent>();
  readonly published: EventBody[] = [];
  /** The errors that it has reported. */
  readonly reported: unknown[] = [];
  /** What the run is to wait for at its end. */
  readonly held: Promise<unknown>[] = [];
  readonly clock = new VirtualClock();
  #seq = 0;

  connect(callback: Callback): Subscription {
    const none = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 };
    const run: Run = {
      runId: 'run-1',
      name: 'minishogi',
      epochs: 3,
      clock: this.clock,
      events$: this.#events.asObservable(),
      history$: EMPTY,
      state: { epoch: 0, step: 0, metrics: undefined, evaluationsInFlight: [], evaluations: none },
      durable$: NEVER,
      emit: () => undefined,
    };
    const desk = {
      publish: (body: EventBody) => this.published.push(body),
      report: (error: unknown) => this.reported.push(error),
      hold: (work: Promise<unknown>) => this.held.push(work),
      measure: (_event: string, work: () => unknown) => work(),
    } as unknown as Desk;
    return callback.connect(run as never, desk)?.subscribe() ?? Subscription.EMPTY;
  }

  emit(body: EventBody): void {
    this.#events.next({ seq: ++this.#seq, at: 1_700_000_000_000, runId: 'run-1', ...body });
  }

  /** An event without a `seq`. */
  step(): void {
    this.#events.next({ type: 'step', at: 1, runId: 'run-1', epoch: 1, step: 1, durationMs: 1 });
  }

  end(): void {
    this.#events.complete();
  }
}
