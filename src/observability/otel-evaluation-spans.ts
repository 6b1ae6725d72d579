import type { Attributes } from '@opentelemetry/api';
import type { EventOf } from '../events/index.ts';
import type { BoundedLabels } from './bounded-labels.ts';
import { asRatio, inBytes, inSeconds, known, numbersUnder } from './otel-attributes.ts';
import type { OtelSpan } from './otel-span.ts';

type Subject = Pick<EventOf<'evaluation:requested'>, 'evaluationId' | 'name' | 'epoch' | 'step'>;
type SpanEvent = EventOf<
  'evaluation:requested' | 'evaluation:skipped' | 'evaluation:start' | 'evaluation:end' | 'evaluation:sample'
>;

/** Begins the span of an evaluation. @param at left out where it has begun before anybody listened */
export type OpenEvaluation = (name: string, attributes: Attributes, epoch: number, at?: number) => OtelSpan;

/** The spans of a run's evaluations: each request is one, from the request to its end, and those that never ran say so. */
export class OtelEvaluationSpans {
  readonly #open: OpenEvaluation;
  readonly #labels: BoundedLabels;
  readonly #spans = new Map<string, OtelSpan>();

  constructor(open: OpenEvaluation, labels: BoundedLabels) {
    this.#open = open;
    this.#labels = labels;
  }

  /** The span of an evaluation that has not ended. */
  of(evaluationId: string): OtelSpan | undefined {
    return this.#spans.get(evaluationId);
  }

  hear(event: SpanEvent): void {
    const span = this.#spans.get(event.evaluationId) ?? this.#begin(event);
    switch (event.type) {
      case 'evaluation:start':
        span.tell('pitwall.evaluation.start', () => known({ 'pitwall.evaluation.pid': event.pid }), event.at);
        break;
      case 'evaluation:skipped':
        span.set(() => ({ 'pitwall.evaluation.status': 'skipped', 'pitwall.evaluation.skip_reason': event.reason }));
        this.#end(event);
        break;
      case 'evaluation:end':
        span.set(() => endAttributes(event));
        if (event.status === 'completed') span.set(() => this.#resultOf(event));
        if (event.status === 'failed' || event.status === 'violated')
          span.fail(event.violation?.message ?? event.error?.message ?? event.status);
        this.#end(event);
        break;
      case 'evaluation:requested':
      case 'evaluation:sample':
        break; // it has begun, and that is all
    }
  }

  /** Ends what is open. */
  close(at: number): void {
    for (const span of this.#spans.values()) span.end(at);
    this.#spans.clear();
  }

  #begin(event: SpanEvent): OtelSpan {
    const at = event.type === 'evaluation:requested' ? event.at : undefined;
    const span = this.#open(`evaluation ${event.name}`, subjectAttributes(event), event.epoch, at);
    this.#spans.set(event.evaluationId, span);
    return span;
  }

  #end({ evaluationId, at }: SpanEvent): void {
    this.#spans.get(evaluationId)?.end(at);
    this.#spans.delete(evaluationId);
  }

  #resultOf({ result }: EventOf<'evaluation:end'>): Attributes {
    return numbersUnder('pitwall.evaluation.result', result, this.#labels);
  }
}

/** Why an evaluation has failed, in few different words; `undefined` where it has not. */
export function errorTypeOf({ status, error, violation }: EventOf<'evaluation:end'>): string | undefined {
  if (status !== 'failed' && status !== 'violated') return undefined;
  return error?.code ?? violation?.rule ?? '_OTHER';
}

function subjectAttributes({ evaluationId, name, epoch, step }: Subject): Attributes {
  return known({
    'pitwall.evaluation.id': evaluationId,
    'pitwall.evaluation.name': name,
    'pitwall.evaluation.epoch': epoch,
    'pitwall.evaluation.step': step,
  });
}

/** How it has ended and what it took: durations in seconds, memory in bytes. */
function endAttributes(event: EventOf<'evaluation:end'>): Attributes {
  const { status, usage, items, violation } = event;
  return known({
    'pitwall.evaluation.status': status,
    'pitwall.evaluation.items.done': items.done,
    'pitwall.evaluation.items.total': items.total,
    'pitwall.evaluation.queue_duration': inSeconds(usage.queuedMs),
    'pitwall.evaluation.load_duration': inSeconds(usage.startMs),
    'pitwall.evaluation.duration': inSeconds(usage.wallMs),
    'pitwall.evaluation.paused_duration': inSeconds(usage.pausedMs),
    'pitwall.evaluation.gone_duration': inSeconds(usage.goneMs),
    'pitwall.evaluation.cpu_time': inSeconds(usage.cpuMs),
    'pitwall.evaluation.peak_memory': inBytes(usage.peakMemoryMb),
    'pitwall.evaluation.training_impact': asRatio(usage.trainingImpactPercent ?? null),
    'pitwall.sla.rule': violation?.rule,
    'error.type': errorTypeOf(event),
  });
}
