import type { Observable } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import type { CheckpointRef, EvaluationCounts, EventBody, RunEvent, Violation } from '../events/index.ts';
import type { PaceOrder, Telemetry } from '../executors/index.ts';
import type { CheckpointPins } from './checkpoint-pins.ts';
import type { ResumedRun } from './resumed-run.ts';

/** Asks for the end of the training. */
export interface StopDirective {
  readonly kind: 'stop';
  readonly reason: string;
}

/** Asks the training to multiply something by a factor. */
export interface ScaleDirective {
  readonly kind: 'scale';
  /** What is to be multiplied: `learningRate`, for one. */
  readonly name: string;
  /** Finite and above 0. */
  readonly factor: number;
  readonly reason: string;
}

/** What a callback asks of the training. */
export type Directive = StopDirective | ScaleDirective;

/**
 * Asks the training to end after the present step, with its running evaluations drained.
 *
 * @param reason told in the outcome
 * @throws {ConfigurationError} unless it is a string.
 */
export function stop(reason = 'a callback asked for it'): StopDirective {
  if (typeof reason !== 'string')
    throw new ConfigurationError(
      `stop(reason) must get a sentence that the outcome will tell, but ${told(reason)} came.`,
    );
  return { kind: 'stop', reason };
}

/**
 * Asks the training to multiply something of its own by a factor. Pitwall has no hold of an optimizer: the trainer keeps the product
 * of all factors of a name, which the training reads by `epoch.scaleOf(name)`, and tells each as a `custom` event `directive:scale`.
 *
 * @param name of what is scaled, as the training reads it: `learningRate`, for one
 * @param factor finite and above 0
 * @param reason told in the event
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * const decay = defineCallback('decay', (run) =>
 *   run.events$.pipe(
 *     filter((event) => event.type === 'epoch:end'),
 *     map(() => scale('learningRate', 0.95, 'an epoch has ended')),
 *   ),
 * );
 */
export function scale(name: string, factor: number, reason = 'a callback asked for it'): ScaleDirective {
  const mistake = mistakeInScale({ name, factor, reason });
  if (mistake !== undefined) throw new ConfigurationError(`scale(name, factor, reason) must get ${mistake}.`);
  return { kind: 'scale', name, factor, reason };
}

/** Says what is wrong with what a scale directive is made of; `undefined` where nothing is. */
export function mistakeInScale({ name, factor, reason }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof name !== 'string' || name.trim() === '')
    return `the name of what is scaled, a string that is not empty, but ${told(name)} came`;
  if (typeof factor !== 'number' || !Number.isFinite(factor) || factor <= 0)
    return `a factor for "${name}" that is finite and above 0, but ${told(factor)} came`;
  if (typeof reason !== 'string') return `a sentence that the event will tell as its reason, but ${told(reason)} came`;
  return undefined;
}

/** Where the run stands now. */
export interface RunState<M = Record<string, unknown>> {
  /** The present epoch, from 1; 0 before the first. */
  readonly epoch: number;
  /** Steps so far in the whole run. */
  readonly step: number;
  /** The last finished epoch's metrics. */
  readonly metrics: M | undefined;
  /** The last checkpoint file that the run told of; of a run that was resumed, until the next, the one it goes on from. */
  readonly checkpoint?: CheckpointRef | undefined;
  /** The ids of the evaluations that were requested and have not ended. */
  readonly evaluationsInFlight: readonly string[];
  readonly evaluations: EvaluationCounts;
}

/** The run, as a callback sees it. */
export interface Run<M = Record<string, unknown>> {
  readonly runId: string;
  readonly name: string;
  readonly epochs: number;
  readonly clock: Clock;
  /** Hot; every event from the registration on, in order of `seq`; completes after `run:end`; never errors. */
  readonly events$: Observable<RunEvent>;
  /** What a resumed run's journal holds; empty for a new run. */
  readonly history$: Observable<RunEvent>;
  readonly state: RunState<M>;
  /** The highest `seq` that is on disk, replayed to late subscribers; completes with the run. */
  readonly durable$: Observable<number>;
  /** Adds a `custom` event to the run. */
  emit(custom: { readonly type?: 'custom'; readonly name: string; readonly value: unknown }): void;
}

/** What the trainer lends to the callbacks that are parts of Pitwall itself. */
export interface Desk {
  /** Adds an event of any kind to the run. */
  publish(body: EventBody): void;
  /** The same, once in a run for each distinct `type`, `rule` and `why`. */
  publishOnce(body: EventBody): void;
  /** Emits a reason when whatever runs is to be cancelled and nothing new is to begin; replayed to late subscribers. */
  readonly cancel$: Observable<string>;
  /**
   * What has been asked of the training: nothing (`going`, or missing), its end with what runs drained, or its end by `trainer.stop`,
   * which cancels what runs. From `run:end` on, and once the callback is unregistered, all is `over`, and nothing can be requested.
   */
  readonly course?: 'going' | 'ending' | 'stopped' | 'over';
  /** The run's folder, or `undefined` without a journal. */
  readonly folder: string | undefined;
  /** Tells a `callback:error` that the callback survives; that of a critical one fails the run. */
  report(error: unknown): void;
  /**
   * Runs what happens outside an event's delivery, or is rare among the steps, of which only a sample is timed, so that its
   * synchronous time is told under the callback's name.
   *
   * @param event what it is told for, outside a delivery
   */
  measure<T>(event: string, work: () => T): T;
  /**
   * Lets the run wait until the work has settled: with `run:end`, so that what the work tells comes before it, or, once that has been
   * told, with its very end. The work bounds itself.
   */
  hold(work: Promise<unknown>): void;
  /** The checkpoint files of the run that somebody still needs. */
  readonly pins: CheckpointPins;
  /** The names of the callbacks that are registered now; missing where that is not known. */
  readonly registered?: () => readonly string[];
  /** The last epoch that has ended whole, 0 before the first; missing where only the present one is known. */
  readonly lastEnded?: () => number;
  /** The highest number that an evaluation of a name has had in this run, before a resumption too; 0 for none. */
  lastNumber(name: string): number;
  /** Of a run that goes on where another process left it; `undefined` for who was registered after its beginning. */
  readonly resumed?: ResumedRun | undefined;
  /**
   * Has the run measure what an evaluation costs the training, and hold that to a limit, from now on.
   *
   * @returns `undefined` where it takes no orders to pause, so that nothing can be measured.
   */
  govern(evaluation: Governed): Governing | undefined;
}

/** An evaluation that is paused and let go on, to see what it costs the training and to have it cost less. */
export interface Governed {
  readonly evaluationId: string;
  readonly name: string;
  readonly rule: { readonly limit: number; readonly action: 'throttle' | 'warn' | 'abort' };
  /** @returns false where it takes no such orders. */
  pace(order: PaceOrder): boolean;
  /** Hears that it gets less, or all again. */
  tell(telling: Extract<Telemetry, { type: 'throttled' | 'recovered' }>): void;
  /** Hears what it costs, in percent of the training's speed; `null` when that is not known any more. */
  onImpact(percent: number | null): void;
  abort(violation: Violation): void;
}

/** What a governed evaluation says of itself. */
export interface Governing {
  paced(telling: Extract<Telemetry, { type: 'paced' }>): void;
  /** It is over, or is being ended. */
  leave(): void;
  /** It leaves, because it cannot be paused: that is told, and nothing is to be measured of it. */
  cannotBePaused(): void;
}

/** Files of the epochs, `epoch-00012.bin`, in a folder. */
export interface CallbackFiles {
  /** Its path, from the present folder. */
  readonly folder: string;
  /** Without its dot; files of any extension where it is missing. */
  readonly extension?: string | undefined;
}

/**
 * A function of the run: subscribes to what it needs, and gives back directives.
 *
 * Made by `defineCallback`, `hooks` and `evaluation`.
 */
export interface Callback<M = never> {
  readonly name: string;
  /** Its error fails the run. */
  readonly critical?: boolean | undefined;
  /**
   * What it was made of, as plain data: told in `run:start` under `config.callbacks` and its name. A run that is resumed has to have
   * the same, unless that is allowed to have changed.
   */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** What it writes and removes: another callback of the trainer with the same files is refused. */
  readonly files?: CallbackFiles | undefined;
  connect(run: Run<M>, desk: Desk): Observable<Directive> | void;
}
