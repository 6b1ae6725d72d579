import type { Observable } from 'rxjs';
import { circuitStates } from '../breaker/index.ts';
import type { Run } from '../callbacks/index.ts';
import type { EventOf, JournalledEvent, Sample } from '../events/index.ts';
import type { Attempt } from './attempt.ts';
import { BreakerStates } from './breaker-states.ts';
import { callbacksInConfig, evaluationsInConfig, type EvaluationConfig } from './evaluations-in-config.ts';
import { numbersOf } from './numbers-of.ts';
import { readEvaluated, type Evaluated, type Numbers } from './prometheus-evaluated.ts';
import type {
  CounterName,
  HistogramName,
  PrometheusFamilies,
  RunReadings,
  TellReading,
} from './prometheus-families.ts';
import type { TellersPlace } from './run-tellers.ts';

const ends = ['completed', 'violated', 'failed', 'cancelled', 'skipped'] as const;
const skipReasons = [
  'busy',
  'superseded',
  'breaker-open',
  'stopping',
] as const satisfies readonly EventOf<'evaluation:skipped'>['reason'][];

/** One run as Prometheus sees it: counted when something happens, read when somebody asks. A step costs nothing here. */
export class PrometheusRun implements RunReadings {
  readonly #families: PrometheusFamilies;
  readonly #attempt: Attempt;
  readonly #place: TellersPlace;
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

  constructor(run: Pick<Run, 'runId' | 'name' | 'state'>, families: PrometheusFamilies, attempt: Attempt) {
    this.#run = run;
    this.#families = families;
    this.#attempt = attempt;
    this.#training = families.labels.value('training', run.name);
    this.#place = families.tellers.follow(this.#training, run.runId, this);
  }

  /** Emits nothing, and completes when it knows what a run that was resumed has left. */
  remember(run: Pick<Run<never>, 'history$'>): Observable<never> {
    return this.#breakers.remember(run);
  }

  /** A run that is over is told on as it has ended; of one that is left before nothing is known. */
  close(): void {
    this.#place.leave(this.#course === 'over');
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
        for (const [breaker] of this.#breakers)
          for (const to of circuitStates) this.#count('breaker_transitions_total', { breaker, to }, 0);
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
        this.#onAsked(event);
        this.#of(event.name).running.set(event.evaluationId, undefined);
        this.#observe('evaluation_queued_seconds', { evaluation: event.name }, event.queuedMs);
        break;
      case 'evaluation:sample':
        this.#onAsked(event);
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
        for (const evaluated of this.#evaluated.values()) evaluated.awaitedAt = undefined;
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
    for (const [name, evaluated] of this.#evaluated) {
      const labels = this.#bound({ evaluation: name });
      readEvaluated(evaluated, (gauge, value, label) => {
        tell(gauge, { ...labels, ...label }, value);
      });
    }
    for (const [breaker, present] of this.#breakers)
      for (const state of circuitStates)
        tell('breaker_state', this.#bound({ breaker, state }), state === present ? 1 : 0);
  }

  /** Counts from 0 on, so that the first of them is seen as one more. */
  #expect(name: string, { sla }: EvaluationConfig): void {
    this.#of(name);
    this.#count('evaluations_requested_total', { evaluation: name }, 0);
    for (const status of ends) this.#count('evaluations_total', { evaluation: name, status }, 0);
    for (const reason of skipReasons) this.#count('evaluations_skipped_total', { evaluation: name, reason }, 0);
    for (const [rule, held] of Object.entries(sla === false ? {} : (sla ?? {}))) {
      if (held?.action === undefined) continue;
      this.#count('sla_violations_total', { evaluation: name, rule, action: held.action }, 0);
      this.#count('sla_unmeasured_total', { rule }, 0);
      this.#count('sla_unenforceable_total', { rule }, 0);
    }
  }

  #expectCallback(callback: string): void {
    this.#count('callback_errors_total', { callback }, 0);
    this.#count('callback_slow_total', { callback }, 0);
  }

  #onRequested(event: EventOf<'evaluation:requested'>): void {
    const { name } = event;
    if (!this.#evaluated.has(this.#families.labels.value('evaluation', name))) this.#expect(name, {});
    this.#onAsked(event);
    this.#count('evaluations_requested_total', { evaluation: name });
  }

  /** Who was registered late hears of it when it starts, or is at work. */
  #onAsked({
    evaluationId,
    name,
    at,
  }: EventOf<'evaluation:requested' | 'evaluation:start' | 'evaluation:sample'>): void {
    this.#names.set(evaluationId, name);
    this.#of(name).awaitedAt ??= at;
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
      this.#observe('evaluation_duration_seconds', { evaluation: name, status }, usage.wallMs);
    this.#onOver(evaluationId, name, status);
    if (status === 'completed') evaluated.awaitedAt = [...this.#names.values()].includes(name) ? event.at : undefined;
  }

  #onOver(evaluationId: string, name: string, status: (typeof ends)[number]): void {
    this.#names.delete(evaluationId);
    this.#of(name).running.delete(evaluationId);
    this.#count('evaluations_total', { evaluation: name, status });
  }

  #countViolation({ rule, action }: EventOf<'sla:violation'>['violation'], name = ''): void {
    this.#count('sla_violations_total', { evaluation: name, rule, action });
  }

  /** Those that are told together under one label are one. */
  #of(name: string): Evaluated {
    const bounded = this.#families.labels.value('evaluation', name);
    const evaluated = this.#evaluated.get(bounded) ?? { running: new Map<string, Sample | undefined>() };
    this.#evaluated.set(bounded, evaluated);
    return evaluated;
  }

  #count(name: CounterName, labels: Record<string, string> = {}, by?: number): void {
    if (!this.#place.isFirst()) return;
    this.#attempt(() => {
      this.#families.count(name, this.#bound(labels), by);
    });
  }

  #observe(name: HistogramName, labels: Record<string, string>, milliseconds: number): void {
    if (!this.#place.isFirst()) return;
    this.#attempt(() => {
      this.#families.observe(name, this.#bound(labels), milliseconds / 1000);
    });
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
