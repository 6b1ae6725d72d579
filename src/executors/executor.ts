import type { Observable, Observer } from 'rxjs';
import type { Sample, Usage, Violation } from '../events/index.ts';
import type { ItemState, Progress, SampledRule, SlaRule } from '../sla/index.ts';
import type { SampledLimit } from '../wire/index.ts';

/** The rules that an executor can hold hard, without the host's event loop. */
export type HardRule = SlaRule;

/** A limit of what is sampled, whole: what it does, and how long it must be broken. */
export type HardSampledLimit = SampledLimit;

/**
 * The limits that an executor can hold hard: those whose action is `abort`, and all about what is sampled, of which it tells those that
 * only warn (`throttled`, with a violation whose action is `warn`). What is missing is not limited.
 */
export type HardLimits = Readonly<
  Partial<
    Record<Exclude<HardRule, SampledRule | 'trainingImpactPercent'>, number> &
      Record<'cpuPercent' | 'gpuUtilizationPercent', HardSampledLimit> &
      Record<'gpuMemoryMb', HardSampledLimit & { readonly action: 'warn' | 'abort' }>
  >
>;

/** What an execution tells while it goes on. */
export type Telemetry =
  /** Told at the subscription by an executor that tells `started` itself and holds the `enforces` rules of its own. */
  | { readonly type: 'accepted'; readonly enforces: readonly HardRule[] }
  /** The work begins: limits count from here. `queuedMs` is how long it had waited for a slot. */
  | { readonly type: 'started'; readonly pid?: number | undefined; readonly queuedMs?: number | undefined }
  | ({ readonly type: 'sample' } & Sample)
  | ({ readonly type: 'progress' } & Progress)
  | ({ readonly type: 'item' } & ItemState)
  /** What was learned so far; a later one replaces it. */
  | { readonly type: 'partial'; readonly value: unknown }
  /**
   * What it took: the last word, told once nothing of the execution is left. Who was `accepted` is not over before it has come, also
   * after an unsubscription.
   */
  | { readonly type: 'usage'; readonly usage: Partial<Usage> }
  /** What {@link Job.pace} ordered is so, or has ended by itself: since `agoMs` before this is told. */
  | { readonly type: 'paced'; readonly order: number; readonly isPaused: boolean; readonly agoMs: number }
  /** A rule was broken and is held by giving less from now on, or only warns; or it is held without that again. */
  | { readonly type: 'throttled' | 'recovered'; readonly violation: Violation }
  | { readonly type: 'dropped'; readonly what: string; readonly count: number }
  | { readonly type: 'unmeasured'; readonly rule: string; readonly why: string }
  | { readonly type: 'unenforceable'; readonly rule: string; readonly why: string }
  /**
   * Something was done in its second-best way, which costs speed and no safety. A run tells it once for each `cause`, the kind of
   * reason (default: `why`, which may hold other figures each time).
   */
  | { readonly type: 'fallback'; readonly what: string; readonly why: string; readonly cause?: string };

/** An order to pause for so long at most, or to go on. */
export interface PaceOrder {
  /** Told back in `paced`: a later order takes an earlier one's place. */
  readonly order: number;
  /** In ms; 0 lets it go on. */
  readonly pauseMs: number;
}

/** One evaluation to run. Made by {@link createJob}. */
export interface Job<I = unknown> {
  readonly id: string;
  readonly name: string;
  readonly input: I;
  /** Reproducible: the same name, epoch and step give the same seed. A whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  readonly limits: HardLimits;
  /** How long `signal` has after an abort before the kill, in ms. */
  readonly graceMs: number;
  /** The largest result, in MB. */
  readonly maxResultMb: number;
  /** The folder for what its processes print, made when they do; without one only the last words are kept. */
  readonly logFolder?: string | undefined;
  readonly telemetry: Pick<Observer<Telemetry>, 'next'>;
  /**
   * Asks the execution to end and say so: it errors once the last of it is gone. A second call changes nothing.
   *
   * @param reason a sentence, or the violation that is the cause
   * @returns false when the executor takes no aborts, so that unsubscribing is the only way to stop it.
   */
  abort(reason: string | Violation): boolean;
  /** For executors: hears of an abort, also of one that came before. @returns a function that stops listening. */
  onAbort(listener: (reason: string | Violation) => void): () => void;
  /**
   * Asks the execution to pause, or to go on; it tells `paced` when it does.
   *
   * @returns false when the executor takes no such orders
   */
  pace(order: PaceOrder): boolean;
  /** For executors: hears the orders of `pace`. @returns a function that stops listening. */
  onPace(listener: (order: PaceOrder) => void): () => void;
}

/** What an executor may tell of itself. A plain function is an executor too. */
export interface ExecutorTraits {
  /** The rules it holds itself, without the host's loop. */
  readonly enforces?: readonly HardRule[];
  /** The rules that cannot be held here at all, each with the reason. */
  readonly cannotEnforce?: Readonly<Partial<Record<HardRule, string>>>;
  /** How many executions run at once; without it there is no bound. */
  readonly slots?: number;
  /** Takes its own copy of the input now, because the job will wait while the training changes the arrays. */
  readonly pack?: (job: Job<never>) => void;
  /** The job is over, or will never be run: what `pack` has copied is wanted no more. */
  readonly forget?: (job: Job<never>) => void;
  /**
   * Resolves when nothing of it runs any more: the last process of the last tree is gone. The end of an evaluation that was
   * unsubscribed from, and whose execution had not told `accepted`, waits for it without a bound; under `overlap: 'parallel'`, where
   * others may always be at work, only after a stop.
   */
  readonly idle?: () => Promise<void>;
}

/**
 * Turns a job into a cold Observable of one result. Subscribing starts the work, and **unsubscribing ends it** at once, as far as the
 * executor can: an evaluator's or a command's whole process tree, a thread, of inline code what honours `signal`. When nothing of
 * it is left is told by the job's telemetry (`usage`) and by {@link ExecutorTraits.idle}. It emits the result and completes, or
 * errors with an `EvaluationError`.
 */
export interface Executor<I = unknown, O = unknown> extends ExecutorTraits {
  (job: Job<I>): Observable<O>;
}
