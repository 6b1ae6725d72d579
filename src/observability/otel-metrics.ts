import type { Attributes } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import { circuitStates } from '../breaker/index.ts';
import type { Run } from '../callbacks/index.ts';
import type { EventOf, JournalledEvent } from '../events/index.ts';
import type { Attempt } from './attempt.ts';
import { BreakerStates } from './breaker-states.ts';
import { evaluationsInConfig } from './evaluations-in-config.ts';
import { numbersOf } from './numbers-of.ts';
import { errorTypeOf } from './otel-evaluation-spans.ts';
import type { CounterName, GaugeName, HistogramName, Observe, OtelInstruments } from './otel-instruments.ts';
import { OtelUse } from './otel-use.ts';
import type { TellersPlace } from './run-tellers.ts';

const ends = ['completed', 'violated', 'failed', 'cancelled', 'skipped'] as const;

/** Attributes before they are bounded. */
type Told = Readonly<Record<string, string | undefined>>;

/** One run as metrics: counted when something happens that is rare, read when somebody collects. A step costs nothing here. */
export class OtelMetrics {
  readonly #instruments: OtelInstruments;
  readonly #attempt: Attempt;
  readonly #training: string;
  readonly #place: TellersPlace;
  readonly #uses = new Map<string, OtelUse>();
  readonly #breakers = new BreakerStates();
  /** Names of the evaluations in flight, for events that tell only their id. */
  readonly #names = new Map<string, string>();
  #epoch: number;
  #course: 'present' | 'over' | 'left' = 'present';

  constructor(run: Pick<Run, 'runId' | 'name' | 'state'>, instruments: OtelInstruments, attempt: Attempt) {
    this.#instruments = instruments;
    this.#attempt = attempt;
    this.#training = instruments.labels.value('pitwall.training.name', run.name);
    this.#epoch = run.state.epoch;
    this.#place = instruments.tellers.follow(this.#training, run.runId, (observe) => {
      this.#attempt(() => {
        this.#read(observe);
      });
    });
  }

  /** Emits nothing, and completes when it knows what a run that was resumed has left. */
  remember(run: Pick<Run<never>, 'history$'>): Observable<never> {
    return this.#breakers.remember(run);
  }

  hear(event: JournalledEvent): void {
    switch (event.type) {
      case 'run:start':
      case 'run:resume':
        for (const [name] of evaluationsInConfig(event)) this.#expect(name);
        this.#breakers.hear(event);
        this.#count('pitwall.training.epochs', {}, 0);
        this.#count('pitwall.training.steps', {}, 0);
        break;
      case 'epoch:start':
        this.#epoch = event.epoch;
        break;
      case 'step:summary':
        this.#count('pitwall.training.steps', {}, event.count);
        break;
      case 'epoch:end':
        if (event.interrupted === true) break; // it has not ended
        this.#count('pitwall.training.epochs', {});
        this.#set('pitwall.training.metric', 'pitwall.metric.name', event.metrics, {});
        break;
      case 'evaluation:requested':
        if (!this.#uses.has(this.#labelOf(event.name))) this.#expect(event.name);
        this.#names.set(event.evaluationId, event.name);
        this.#count('pitwall.evaluation.requested', { 'pitwall.evaluation.name': event.name });
        break;
      case 'evaluation:start':
        this.#names.set(event.evaluationId, event.name);
        this.#of(event.name).started(event.evaluationId);
        this.#observe('pitwall.evaluation.queue.duration', { 'pitwall.evaluation.name': event.name }, event.queuedMs);
        break;
      case 'evaluation:sample':
        this.#names.set(event.evaluationId, event.name);
        this.#of(event.name).sampled(event);
        break;
      case 'evaluation:skipped':
        this.#count('pitwall.evaluation.skipped', {
          'pitwall.evaluation.name': event.name,
          'pitwall.evaluation.skip_reason': event.reason,
        });
        this.#onOver(event, 'skipped');
        break;
      case 'evaluation:end':
        this.#onEnd(event);
        break;
      case 'sla:violation':
        this.#count('pitwall.sla.violations', {
          'pitwall.evaluation.name': this.#names.get(event.violation.evaluationId),
          'pitwall.sla.rule': event.violation.rule,
          'pitwall.sla.action': event.violation.action,
        });
        break;
      case 'sla:unmeasured':
        this.#count('pitwall.sla.unmeasured', { 'pitwall.sla.rule': event.rule });
        break;
      case 'sla:unenforceable':
        this.#count('pitwall.sla.unenforceable', { 'pitwall.sla.rule': event.rule });
        break;
      case 'breaker:transition':
        this.#breakers.hear(event);
        this.#count('pitwall.breaker.transitions', {
          'pitwall.breaker.name': event.name,
          'pitwall.breaker.to': event.to,
        });
        break;
      case 'callback:error':
        this.#count('pitwall.callback.errors', { 'pitwall.callback.name': event.callback });
        break;
      case 'callback:slow':
        this.#count('pitwall.callback.slow', { 'pitwall.callback.name': event.callback });
        break;
      case 'dropped':
        this.#count('pitwall.dropped', { 'pitwall.dropped.what': event.what }, event.count);
        break;
      case 'run:end':
        this.#course = 'over';
        break;
      case 'checkpoint':
      case 'evaluation:progress':
      case 'sla:recovered':
      case 'custom':
      case 'training:end':
        break; // of no interest here
    }
  }

  /** Nothing runs any more; of a run that is left before it is over nothing else is known either. */
  close(): void {
    if (this.#course === 'present') this.#course = 'left';
    this.#place.leave(true);
    for (const use of this.#uses.values()) use.close();
    this.#names.clear();
  }

  /** Of a run that was left, what is a sum is 0: the SDK goes on telling what it was told last where it is told nothing. */
  #read(observe: Observe): void {
    const isLeft = this.#course === 'left';
    if (!isLeft) observe('pitwall.training.epoch', this.#epoch, this.#bound({}));
    for (const [breaker, present] of this.#breakers)
      for (const state of circuitStates) {
        const attributes = this.#bound({ 'pitwall.breaker.name': breaker, 'pitwall.breaker.state': state });
        observe('pitwall.breaker.state', state === present && !isLeft ? 1 : 0, attributes);
      }
    for (const [name, use] of this.#uses) {
      const attributes = this.#bound({ 'pitwall.evaluation.name': name });
      use.read((instrument, value) => {
        observe(instrument, value, attributes);
      });
    }
  }

  #onEnd(event: EventOf<'evaluation:end'>): void {
    const { evaluationId, name, status, usage, result } = event;
    const evaluation = { 'pitwall.evaluation.name': name };
    // What never began has taken no time: of those that did it would be the fastest.
    if (usage.wallMs !== null && (usage.wallMs > 0 || this.#of(name).isRunning(evaluationId))) {
      const ended = { ...evaluation, 'pitwall.evaluation.status': status, 'error.type': errorTypeOf(event) };
      this.#observe('pitwall.evaluation.duration', ended, usage.wallMs);
    }
    if (status === 'completed') this.#set('pitwall.evaluation.result', 'pitwall.result.field', result, evaluation);
    this.#onOver(event, status);
  }

  #onOver({ evaluationId, name }: EventOf<'evaluation:end' | 'evaluation:skipped'>, status: string): void {
    this.#names.delete(evaluationId);
    this.#of(name).ended(evaluationId);
    this.#count('pitwall.evaluation.ended', { 'pitwall.evaluation.name': name, 'pitwall.evaluation.status': status });
  }

  /** Counts from 0 on, so that the first of them is seen as one more. */
  #expect(name: string): void {
    this.#of(name);
    const evaluation = { 'pitwall.evaluation.name': name };
    this.#count('pitwall.evaluation.requested', evaluation, 0);
    for (const status of ends)
      this.#count('pitwall.evaluation.ended', { ...evaluation, 'pitwall.evaluation.status': status }, 0);
  }

  #of(name: string): OtelUse {
    const label = this.#labelOf(name);
    const use = this.#uses.get(label) ?? new OtelUse();
    this.#uses.set(label, use);
    return use;
  }

  #labelOf(name: string): string {
    return this.#instruments.labels.value('pitwall.evaluation.name', name);
  }

  #count(name: CounterName, told: Told, by?: number): void {
    this.#tell(() => {
      this.#instruments.count(name, this.#bound(told), by);
    });
  }

  #observe(name: HistogramName, told: Told, milliseconds: number): void {
    this.#tell(() => {
      this.#instruments.observe(name, this.#bound(told), milliseconds / 1000);
    });
  }

  /** Sets a gauge to each number of what a user has told, under its name; of those that are told together the last one stands. */
  #set(name: GaugeName, key: string, value: unknown, told: Told): void {
    this.#tell(() => {
      const numbers = new Map<string, number>();
      for (const [field, number] of numbersOf(value)) {
        const bounded = this.#instruments.labels.value(key, field);
        if (Number.isFinite(number)) numbers.set(bounded, number);
        else if (name === 'pitwall.training.metric')
          this.#instruments.count('pitwall.training.not_finite_metrics', this.#bound({ [key]: bounded }));
      }
      for (const [field, number] of numbers)
        this.#instruments.set(name, this.#bound({ ...told, [key]: field }), number);
    });
  }

  #tell(call: () => void): void {
    if (this.#place.isFirst()) this.#attempt(call);
  }

  /** The attributes with few values each, and the training's name; one that is not known is left out. */
  #bound(told: Told): Attributes {
    const bounded: Attributes = { 'pitwall.training.name': this.#training };
    for (const [key, value] of Object.entries(told))
      if (value !== undefined) bounded[key] = this.#instruments.labels.value(key, value);
    return bounded;
  }
}
