import { BehaviorSubject, ReplaySubject, Subject } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import { told } from '../errors/index.ts';
import type { EventOf, Sample, Usage, Violation } from '../events/index.ts';
import type { HardRule, Telemetry } from '../executors/index.ts';
import type { ItemState, Progress } from '../sla/index.ts';
import { atMostTenASecond } from './at-most-ten-a-second.ts';
import type { Desk, Governing } from './callback.ts';
import { measuredOf, usageToldBy } from './measured-of.ts';

/** What every event of one evaluation carries. */
export type EvaluationKey = Pick<EventOf<'evaluation:requested'>, 'evaluationId' | 'name' | 'epoch' | 'step'>;

/** How an evaluation ended, as its `evaluation:end` tells it. */
export type EvaluationOutcome = Pick<
  EventOf<'evaluation:end'>,
  'status' | 'stopped' | 'result' | 'error' | 'violation'
>;

/** What was measured of an evaluation, for those who tell what was not. */
export interface Measured {
  readonly items: boolean;
  readonly memory: boolean;
  readonly cpu: boolean;
  /** Or it is told otherwise that it cannot be. */
  readonly gpu: boolean;
  readonly gpuMemory: boolean;
}

/** What was told to a run of what was done in its second-best way, by what and the kind of reason. */
const fallbacksTold = new WeakMap<Desk, Set<string>>();

/**
 * Folds what an executor tells of one evaluation into the run's events, the streams that its safeguards watch, and the figures
 * of its `evaluation:end`, which is the last that it publishes. Before `evaluation:start` it may tell what hindered or was left out
 * (`dropped`, `sla:unmeasured`, `sla:unenforceable`); of an evaluation that never began there is no `evaluation:start`.
 */
export class EvaluationRecord {
  readonly #started$ = new ReplaySubject<void>(1);
  readonly #samples$ = new Subject<Sample>();
  readonly #progress$ = new Subject<Progress>();
  readonly #items$ = new Subject<ItemState>();
  readonly #impact$ = new BehaviorSubject<number | null>(null);
  /** What its safeguards watch. Hot; each completes with the evaluation. */
  readonly guarded = {
    started$: this.#started$.asObservable(),
    samples$: this.#samples$.asObservable(),
    progress$: this.#progress$.asObservable(),
    items$: this.#items$.asObservable(),
    impact$: this.#impact$.asObservable(),
  };

  readonly #key: EvaluationKey;
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #progress;
  readonly #samples;
  readonly #requestedMs: number;
  #subscribedMs: number | undefined;
  #startedMs: number | undefined;
  #executorQueuedMs = 0;
  #ended = false;
  #heldByExecutor: readonly HardRule[] | undefined;
  #partial: { readonly value: unknown } | undefined;
  #items: ItemState | undefined;
  #anItemMarked = false;
  #peakMemoryMb: number | null = null;
  #cpuMeasured = false;
  #gpuMemoryMeasured = false;
  #usage: Partial<Usage> = {};
  #governing: Governing | undefined;
  #isNeverPaused = false;
  #lastImpact: number | null = null;
  /** Executions that were accepted and have not told their usage, which is their last word. */
  #notGone = 0;
  #onGone: (() => void)[] = [];
  #hasSamples = false;
  /** The GPU was measured, or it was said that it cannot be. */
  #gpuTold = false;

  constructor(key: EvaluationKey, desk: Desk, clock: Clock) {
    this.#key = key;
    this.#desk = desk;
    this.#clock = clock;
    this.#requestedMs = clock.now();
    this.#progress = atMostTenASecond<Progress>(clock, ({ done, total, note }) => {
      desk.publish({
        type: 'evaluation:progress',
        ...key,
        done,
        ...(total === undefined ? {} : { total }),
        ...(note === undefined ? {} : { note }),
      });
    });
    this.#samples = atMostTenASecond<Sample>(clock, (sample) => {
      desk.publish({ type: 'evaluation:sample', ...key, ...sample });
    });
  }

  /** The rules that its executor has said it holds itself; `undefined` when it said nothing, and the host holds them. */
  get heldByExecutor(): readonly HardRule[] | undefined {
    return this.#heldByExecutor;
  }

  get hasBeenSubscribed(): boolean {
    return this.#subscribedMs !== undefined;
  }

  get measured(): Measured {
    return {
      items: this.#anItemMarked,
      memory: this.#peakMemoryMb !== null,
      cpu: this.#cpuMeasured,
      gpu: this.#gpuTold || this.#hasSamples,
      gpuMemory: this.#gpuMemoryMeasured,
    };
  }

  /** How long it was paused, as far as its executor has told. */
  get pausedMs(): number {
    return measuredOf(this.#usage.pausedMs) ?? 0;
  }

  /** Calls back once nothing of what its executor accepted is left: at once where that is so now. */
  whenGone(listener: () => void): void {
    if (this.#notGone === 0) listener();
    else this.#onGone.push(listener);
  }

  /** The executor is subscribed to now: what passes until `evaluation:start` is its start-up. */
  subscribed(): void {
    this.#subscribedMs = this.#clock.now();
  }

  /** The work of an executor that tells no `started` itself begins; what was told already stays. */
  beginUnlessTold(): void {
    if (this.#heldByExecutor === undefined) this.#begin({});
  }

  /** Who governs it now hears of its pauses; whoever did before is left. */
  governed(by: Governing | undefined): void {
    const former = this.#governing;
    this.#governing = by;
    former?.leave();
    if (this.#isNeverPaused) this.#cannotBePaused();
  }

  /** That may be told before it is known who governs it. */
  #cannotBePaused(): void {
    const governing = this.#governing;
    this.#isNeverPaused = true;
    this.#governing = undefined;
    governing?.cannotBePaused();
  }

  /** What it costs the training, in percent of its speed; `null` when that is not known any more. */
  costs(percent: number | null): void {
    if (this.#ended || percent === this.#impact$.value) return;
    this.#lastImpact = percent ?? this.#lastImpact;
    this.#impact$.next(percent);
  }

  /** Takes what the executor tells; once the evaluation has ended, nothing. */
  tell(telling: Telemetry): void {
    if (this.#ended) return;
    switch (telling.type) {
      case 'accepted':
        this.#heldByExecutor = this.#rulesOf(telling);
        this.#notGone++;
        break;
      case 'started':
        this.#begin(telling);
        break;
      case 'sample':
        this.beginUnlessTold();
        this.#sampled(telling);
        break;
      case 'progress':
        this.beginUnlessTold();
        this.#progress$.next(telling);
        if (this.#startedMs !== undefined) this.#progress.next(telling);
        break;
      case 'item':
        this.beginUnlessTold();
        this.#items = telling;
        this.#anItemMarked ||= telling.done > 0 || telling.running !== null;
        this.#items$.next(telling);
        break;
      case 'partial':
        this.beginUnlessTold();
        this.#partial = { value: telling.value };
        break;
      case 'usage':
        this.#usage = { ...this.#usage, ...usageToldBy(telling.usage) };
        this.#gone();
        break;
      case 'paced':
        this.#governing?.paced(telling);
        break;
      case 'throttled':
        this.#desk.publish({ type: 'sla:violation', violation: telling.violation });
        break;
      case 'recovered':
        this.#desk.publish({ type: 'sla:recovered', violation: telling.violation });
        break;
      case 'dropped':
        this.#desk.publish({
          type: 'dropped',
          what: `${telling.what} of ${this.#key.name}`,
          count: measuredOf(telling.count) ?? 1, // how many is not known, but that it was dropped
        });
        break;
      case 'unmeasured':
        if (telling.rule === 'gpuUtilizationPercent') this.#gpuTold = true;
        this.#desk.publishOnce({ type: 'sla:unmeasured', rule: telling.rule, why: telling.why });
        break;
      case 'unenforceable':
        if (telling.rule === 'trainingImpactPercent') this.#cannotBePaused();
        this.#desk.publishOnce({ type: 'sla:unenforceable', rule: telling.rule, why: telling.why });
        break;
      case 'fallback':
        this.#tellFallback(telling);
    }
  }

  /** Ends it: `evaluation:end` is published, after its violation, and nothing after it. */
  end({ status, stopped, result, error, violation }: EvaluationOutcome): void {
    if (this.#ended) return;
    this.#progress.end();
    this.#samples.end();
    // Who holds the rule tells it himself: he knows why, and whether the driver was only too slow for a short evaluation.
    const isHeld = this.#heldByExecutor?.includes('gpuUtilizationPercent') === true;
    if (this.#hasSamples && !this.#gpuTold && !isHeld)
      this.tell({
        type: 'unmeasured',
        rule: 'gpuUtilizationPercent',
        why: 'the GPU share of an evaluation could not be measured here',
      });
    this.#ended = true;
    if (violation !== undefined) this.#desk.publish({ type: 'sla:violation', violation });
    this.#desk.publish({
      type: 'evaluation:end',
      ...this.#key,
      status,
      ...(stopped === undefined ? {} : { stopped }),
      ...(status === 'completed' ? { result } : {}),
      ...(status !== 'completed' && this.#partial !== undefined ? { partial: this.#partial.value } : {}),
      items: {
        done: this.#items?.done ?? 0,
        ...(this.#items?.total === undefined ? {} : { total: this.#items.total }),
      },
      ...(violation === undefined ? {} : { violation }),
      ...(error === undefined ? {} : { error }),
      usage: this.#usageAtEnd(violation),
    });
    for (const stream$ of [this.#started$, this.#samples$, this.#progress$, this.#items$, this.#impact$])
      stream$.complete();
  }

  /** Who names no rules holds none: the host does. */
  #rulesOf({ enforces }: { readonly enforces: unknown }): readonly HardRule[] {
    if (Array.isArray(enforces)) return enforces as HardRule[];
    const message = `its executor told ${told(enforces)} as "enforces", so that it holds no rule: it must be an array of rules`;
    this.#desk.publish({ type: 'callback:error', callback: this.#key.name, error: { message } });
    return [];
  }

  #tellFallback({ what, why, cause = why }: Extract<Telemetry, { type: 'fallback' }>): void {
    const kinds = fallbacksTold.get(this.#desk) ?? new Set();
    fallbacksTold.set(this.#desk, kinds);
    const kind = JSON.stringify([what, cause]);
    if (kinds.has(kind)) return;
    kinds.add(kind);
    this.#desk.publishOnce({ type: 'custom', name: 'fallback', value: { what, why } });
  }

  #gone(): void {
    this.#notGone = Math.max(0, this.#notGone - 1);
    if (this.#notGone > 0) return;
    const listeners = this.#onGone;
    this.#onGone = [];
    for (const listener of listeners) listener();
  }

  #begin({ pid, queuedMs }: { readonly pid?: number | undefined; readonly queuedMs?: number | undefined }): void {
    if (this.#startedMs !== undefined || this.#ended) return;
    this.#startedMs = this.#clock.now();
    this.#executorQueuedMs = measuredOf(queuedMs) ?? 0;
    this.#desk.publish({
      type: 'evaluation:start',
      ...this.#key,
      ...(pid === undefined ? {} : { pid }),
      queuedMs: this.#queuedMs(),
    });
    this.#started$.next();
  }

  #sampled({ memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb }: Sample): void {
    const sample = {
      memoryMb: measuredOf(memoryMb),
      cpuPercent: measuredOf(cpuPercent),
      gpuUtilizationPercent: measuredOf(gpuUtilizationPercent),
      gpuMemoryMb: measuredOf(gpuMemoryMb),
    };
    if (sample.memoryMb !== null) this.#peakMemoryMb = Math.max(this.#peakMemoryMb ?? 0, sample.memoryMb);
    this.#cpuMeasured ||= sample.cpuPercent !== null;
    this.#gpuMemoryMeasured ||= sample.gpuMemoryMb !== null;
    // The driver's first answer may take a while: that nothing was measured is certain at the end.
    this.#hasSamples = true;
    if (sample.gpuUtilizationPercent !== null) this.#gpuTold = true;
    this.#samples$.next(sample);
    if (this.#startedMs !== undefined) this.#samples.next(sample);
  }

  /** From the request to the moment the executor had a slot for it; of what never had one, to its end. */
  #queuedMs(): number {
    return (this.#subscribedMs ?? this.#clock.now()) - this.#requestedMs + this.#queuedInExecutorMs();
  }

  /** What never began may have been loading: only its executor can tell that from waiting. */
  #queuedInExecutorMs(): number {
    if (this.#startedMs !== undefined) return this.#executorQueuedMs;
    if (this.#subscribedMs === undefined) return 0;
    return this.#usage.queuedMs ?? this.#clock.now() - this.#subscribedMs;
  }

  #usageAtEnd(violation: Violation | undefined): Usage {
    const nowMs = this.#clock.now();
    const goneMs = goneAfterMs(violation);
    const wallMs = this.#startedMs === undefined ? 0 : Math.max(0, nowMs - this.#startedMs - goneMs);
    const startupMs = (this.#startedMs ?? nowMs) - (this.#subscribedMs ?? nowMs) - this.#queuedInExecutorMs();
    const usage = {
      wallMs,
      cpuMs: null,
      peakMemoryMb: this.#peakMemoryMb,
      startMs: Math.max(0, startupMs),
      pausedMs: violation?.pausedMs ?? 0,
      goneMs,
      ...(this.#lastImpact === null ? {} : { trainingImpactPercent: this.#lastImpact }),
      ...this.#usage,
      queuedMs: this.#queuedMs(),
    };
    const cpuShare =
      usage.cpuMs === null || usage.wallMs === null || usage.wallMs <= 0 ? null : usage.cpuMs / usage.wallMs;
    return { cpuShare, ...usage };
  }
}

function goneAfterMs({ killedAt, goneAt }: Partial<Violation> = {}): number {
  return killedAt === undefined || goneAt === undefined ? 0 : Math.max(0, goneAt - killedAt);
}
