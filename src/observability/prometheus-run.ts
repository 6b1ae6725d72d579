import type { Observable } from 'rxjs';
import { circuitStates } from '../breaker/index.ts';
import type { Run } from '../callbacks/index.ts';
import type { EventOf, JournalledEvent, Sample } from '../events/index.ts';
import { BreakerStates } from './breaker-states.ts';
import { callbacksInConfig, evaluationsInConfig, type EvaluationConfig } from './evaluations-in-config.ts';
import { numbersOf } from './numbers-of.ts';
import type { PrometheusFamilies, RunReadings, TellReading } from './prometheus-families.ts';

const bytesPerMb = 2 ** 20;
const ends = ['completed', 'violated', 'failed', 'cancelled', 'skipped'] as const;

/** By their labels, as few as a label may have values. */
type Numbers = ReadonlyMap<string, number>;

/** An evaluation, by its name: what runs of it, and how the last one ended. */
interface Evaluated {
  readonly running: Map<string, Sample | undefined>;
  last?: EventOf<'evaluation:end'>;
  lastResult?: { readonly epoch: number; readonly numbers: Numbers };
  /** What the last of which it was known cost the training. */
  impactPercent?: number;
}

/** One run as Prometheus sees it: counted when something happens, read when somebody asks. A step costs nothing here. */
export class PrometheusRun implements RunReadings {
  readonly #families: PrometheusFamilies;
  readonly #run: Pick<Run, 'runId' | 'state'>;
  readonly #training: string;
  readonly #evaluated = new Map<string, Evaluated>();
  /** Names of the evaluations in flight, for events that tell only their id. */
  readonly #names = new Map<string, string>();
  readonly #breakers = new BreakerStates();
  #summary: EventOf<'step:summary'> | undefined;
  #metrics: Numbers = new Map();
  /** When it began, was registered, or was last seen to get on; nothing any more once the training has ended. */
  #progressAt: number | undefined;
  #overheadRatio: number | undefined;
  /** Before the first event nothing is known. */
  #course: 'unknown' | 'training' | 'draining' | 'over' = 'unknown';

  constructor(run: Pick<Run, 'runId' | 'name' | 'state'>, families: PrometheusFamilies) {
    this.#run = run;
    this.#families = families;
    this.#training = families.labels.value('training', run.name);
    families.follow(this.#training, this);
  }

  /** Emits nothing, and completes when it knows what a run that was resumed has left. */
  remember(run: Pick<Run<never>, 'history$'>): Observable<never> {
    return this.#breakers.remember(run);
  }

  /** A run that is over is told on as it has ended; of one that is left before nothing is known. */
  close(): void {
    if (this.#course !== 'over') this.#families.leave(this.#training, this);
  }

  hear(event: JournalledEvent): void {
    if (this.#course === 'unknown') {
      this.#course = 'training';
      this.#progressAt = event.at;
    }
    switch (event.type) {
      case 'run:start':
      case 'run:resume':
        for (const [name, config] of evaluationsInConfig(event)) this.#expect(name, config);
        for (const callback of callbacksInConfig(event)) this.#expectCallback(callback);
        this.#breakers.hear(event);
        this.#count('training_epochs_total', {}, 0);
        this.#count('training_steps_total', {}, 0);
        break;
      case 'step:summary':
        this.#summary = event;
        this.#progressAt = event.at;
        this.#count('training_steps_total', {}, event.count);
        break;
      case 'epoch:end':
        if (event.interrupted === true) break; // it has not ended
        this.#metrics = this.#numbersOf('metric', event.metrics);
        this.#progressAt = event.at;
        this.#count('training_epochs_total');
        break;
      case 'evaluation:requested':
        this.#onRequested(event);
        break;
      case 'evaluation:skipped':
        this.#count('evaluations_skipped_total', { evaluation: event.name, reason: event.reason });
        this.#onOver(event.evaluationId, event.name, 'skipped');
        break;
      case 'evaluation:start':
        this.#of(event.name).running.set(event.evaluationId, undefined);
        this.#families.observe(
          'evaluation_queued_seconds',
          this.#bound({ evaluation: event.name }),
          event.queuedMs / 1000,
        );
        break;
      case 'evaluation:sample':
        this.#of(event.name).running.set(event.evaluationId, event);
        break;
      case 'evaluation:end':
        this.#onEnd(event);
        break;
      case 'sla:violation':
        // What ends an evaluation is told with its end too, and counted there.
        if (event.violation.action !== 'abort')
          this.#countViolation(event.violation, this.#names.get(event.violation.evaluationId));
        break;
      case 'sla:unmeasured':
        this.#count('sla_unmeasured_total', { rule: event.rule });
        break;
      case 'sla:unenforceable':
        this.#count('sla_unenforceable_total', { rule: event.rule });
        break;
      case 'breaker:transition':
        this.#breakers.hear(event);
        this.#count('breaker_transitions_total', { breaker: event.name, to: event.to });
        break;
      case 'callback:error':
        this.#count('callback_errors_total', { callback: event.callback });
        break;
      case 'callback:slow':
        this.#count('callback_slow_total', { callback: event.callback });
        break;
      case 'dropped':
        this.#count('dropped_total', { what: event.what }, event.count);
        break;
      case 'training:end':
        this.#course = 'draining';
        this.#progressAt = undefined;
        break;
      case 'run:end':
        this.#course = 'over';
        this.#progressAt = undefined;
        if (event.overhead.percent !== null) this.#overheadRatio = event.overhead.percent / 100;
        break;
      case 'epoch:start':
      case 'checkpoint':
      case 'evaluation:progress':
      case 'sla:recovered':
      case 'custom':
        break; // read from the run's state, or of no interest here
    }
  }

  read(tell: TellReading): void {
    tell('training_info', { run_id: this.#run.runId }, 1);
    tell('training_running', {}, this.#course === 'unknown' ? undefined : Number(this.#course !== 'over'));
    tell('training_epoch', {}, this.#run.state.epoch);
    tell('training_progress_timestamp_seconds', {}, inSeconds(this.#progressAt));
    tell('training_overhead_ratio', {}, this.#overheadRatio);
    tell('training_step_duration_seconds', { stat: 'p50' }, inSeconds(this.#summary?.p50Ms));
    tell('training_step_duration_seconds', { stat: 'p99' }, inSeconds(this.#summary?.p99Ms));
    tell('training_step_duration_seconds', { stat: 'max' }, inSeconds(this.#summary?.maxMs));
    for (const [metric, value] of this.#metrics) tell('training_metric', { metric }, value);
    for (const [name, evaluated] of this.#evaluated) this.#readEvaluation(name, evaluated, tell);
    for (const [breaker, present] of this.#breakers)
      for (const state of circuitStates)
        tell('breaker_state', this.#bound({ breaker, state }), state === present ? 1 : 0);
  }

  #readEvaluation(name: string, { running, last, lastResult, impactPercent }: Evaluated, tell: TellReading): void {
    const labels = this.#bound({ evaluation: name });
    const samples = [...running.values()];
    tell('evaluations_running', labels, running.size);
    tell('evaluation_memory_bytes', labels, total(samples, 'memoryMb', bytesPerMb));
    tell('evaluation_cpu_ratio', labels, total(samples, 'cpuPercent', 0.01));
    tell('evaluation_gpu_utilization_ratio', labels, total(samples, 'gpuUtilizationPercent', 0.01));
    tell('evaluation_gpu_memory_bytes', labels, total(samples, 'gpuMemoryMb', bytesPerMb));
    const peakMb = last?.usage.peakMemoryMb;
    tell('evaluation_peak_memory_bytes', labels, peakMb === null || peakMb === undefined ? null : peakMb * bytesPerMb);
    tell('evaluation_training_impact_ratio', labels, impactPercent === undefined ? undefined : impactPercent / 100);
    tell('evaluation_result_epoch', labels, lastResult?.epoch);
    for (const [field, value] of lastResult?.numbers ?? []) tell('evaluation_result', { ...labels, field }, value);
  }

  /** Counts from 0 on, so that the first of them is seen as one more. */
  #expect(name: string, { sla }: EvaluationConfig): void {
    this.#of(name);
    this.#count('evaluations_requested_total', { evaluation: name }, 0);
    for (const status of ends) this.#count('evaluations_total', { evaluation: name, status }, 0);
    for (const [rule, held] of Object.entries(sla === false ? {} : (sla ?? {}))) {
      if (held?.action === undefined) continue;
      this.#count('sla_violations_total', { evaluation: name, rule, action: held.action }, 0);
      this.#count('sla_unmeasured_total', { rule }, 0);
    }
  }

  #expectCallback(callback: string): void {
    this.#count('callback_errors_total', { callback }, 0);
    this.#count('callback_slow_total', { callback }, 0);
  }

  #onRequested({ evaluationId, name }: EventOf<'evaluation:requested'>): void {
    this.#names.set(evaluationId, name);
    if (!this.#evaluated.has(name)) this.#expect(name, {});
    this.#count('evaluations_requested_total', { evaluation: name });
  }

  #onEnd(event: EventOf<'evaluation:end'>): void {
    const { evaluationId, name, status, usage, violation } = event;
    const evaluated = this.#of(name);
    const hasRun = evaluated.running.has(evaluationId);
    evaluated.last = event;
    if (status === 'completed')
      evaluated.lastResult = { epoch: event.epoch, numbers: this.#numbersOf('field', event.result) };
    if (usage.trainingImpactPercent !== undefined) evaluated.impactPercent = usage.trainingImpactPercent;
    if (violation !== undefined) this.#countViolation(violation, name);
    if (hasRun && usage.wallMs !== null)
      this.#families.observe(
        'evaluation_duration_seconds',
        this.#bound({ evaluation: name, status }),
        usage.wallMs / 1000,
      );
    this.#onOver(evaluationId, name, status);
  }

  #onOver(evaluationId: string, name: string, status: (typeof ends)[number]): void {
    this.#names.delete(evaluationId);
    this.#of(name).running.delete(evaluationId);
    this.#count('evaluations_total', { evaluation: name, status });
  }

  #countViolation({ rule, action }: EventOf<'sla:violation'>['violation'], name = ''): void {
    this.#count('sla_violations_total', { evaluation: name, rule, action });
  }

  #of(name: string): Evaluated {
    const evaluated = this.#evaluated.get(name) ?? { running: new Map<string, Sample | undefined>() };
    this.#evaluated.set(name, evaluated);
    return evaluated;
  }

  #count(
    ...[name, labels = {}, by]: Parameters<PrometheusFamilies['count']> | [Parameters<PrometheusFamilies['count']>[0]]
  ): void {
    this.#families.count(name, this.#bound(labels), by);
  }

  /** Of those that are told together the last one stands. Where one throws when it is read, nothing is known. */
  #numbersOf(label: string, value: unknown): Numbers {
    try {
      return new Map(numbersOf(value).map(([name, number]) => [this.#families.labels.value(label, name), number]));
    } catch {
      return new Map();
    }
  }

  /** The labels with few values each, and the training's name. */
  #bound(labels: Record<string, string>): Record<string, string> {
    const bounded: Record<string, string> = { training: this.#training };
    for (const [label, value] of Object.entries(labels)) bounded[label] = this.#families.labels.value(label, value);
    return bounded;
  }
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** The sum of what is known; `null` where nothing is. */
function total(samples: readonly (Sample | undefined)[], field: keyof Sample, factor: number): number | null {
  const known = samples.map((sample) => sample?.[field] ?? null).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) * factor;
}
