import type { Observable, SchedulerLike } from 'rxjs';
import type { EventOf, RunEvent, Sample, Violation } from '../events/index.ts';

/** What is known of the items (the games) of a running evaluation. Of a process or a thread it is the newest of each 100 ms. */
export interface ItemState {
  readonly done: number;
  readonly total?: number | undefined;
  /**
   * The item that has run longest, or `null` when none runs. `forMs` is how long it had run when this was told, pauses by Pitwall left
   * out: while it is paused it is told again each 100 ms.
   */
  readonly running: { readonly name: string; readonly forMs: number } | null;
}

/** How far a running evaluation says it is. */
export type Progress = Pick<EventOf<'evaluation:progress'>, 'done' | 'total' | 'note'>;

/** A running evaluation, as its safeguards see it. Every stream is hot and completes when the evaluation ends. */
export interface GuardedEvaluation {
  readonly id: string;
  readonly name: string;
  /** Emits once, when its work begins: at once for what runs already. */
  readonly started$: Observable<void>;
  readonly samples$: Observable<Sample>;
  readonly progress$: Observable<Progress>;
  readonly items$: Observable<ItemState>;
  /** What it costs the training, in percent; `null` until that can be told. */
  readonly impact$: Observable<number | null>;
  readonly run$: Observable<RunEvent>;
  /** The only time a safeguard may use; `clockOf(scheduler)` is the run's clock. */
  readonly scheduler: SchedulerLike;
}

/**
 * Watches one evaluation and emits a {@link Violation} for each rule it breaks. The violation's `action` decides:
 * `abort` ends the evaluation, `warn` is told and goes by.
 */
export type Safeguard = (guarded: GuardedEvaluation) => Observable<Violation>;
