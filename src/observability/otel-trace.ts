import { type Attributes, type Context, type Tracer } from '@opentelemetry/api';
import type { Run } from '../callbacks/index.ts';
import type { EventOf, JournalledEvent } from '../events/index.ts';
import type { Attempt } from './attempt.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { asRatio, known, numbersUnder } from './otel-attributes.ts';
import { OtelEvaluationSpans } from './otel-evaluation-spans.ts';
import { checkpointEvent, notFiniteEvents, spanEventOf, type OtelSpanEvent } from './otel-span-event.ts';
import { OtelSpan } from './otel-span.ts';

interface EpochSpan {
  readonly number: number;
  readonly span: OtelSpan;
  /** Steps of the run before it. */
  readonly stepsBefore: number;
}

/**
 * One run as a trace: the run's span, and as its children those of its epochs and of its evaluations. An evaluation may end when
 * its epoch is long over, so it is not the epoch's child: it has a link to it.
 *
 * What has begun before anybody listened has its start at the moment when somebody did, and says so (`pitwall.partial`).
 */
export class OtelTrace {
  readonly #run: Pick<Run, 'runId' | 'name' | 'epochs' | 'state'>;
  readonly #tracer: Tracer | undefined;
  readonly #attempt: Attempt;
  readonly #parent: Context;
  readonly #labels = new BoundedLabels();
  /** When it began to listen. */
  readonly #from: { readonly at: number; readonly steps: number };
  readonly #evaluations: OtelEvaluationSpans;
  #root: OtelSpan | undefined;
  #openEpoch: EpochSpan | undefined;
  /** The one that is open or was last: what an evaluation has a link to. */
  #lastEpoch: EpochSpan | undefined;
  #isOver = false;

  /**
   * @param tracer left out where there is none to be had
   * @param parent where the run's own span belongs
   */
  constructor(run: Run, tracer: Tracer | undefined, attempt: Attempt, parent: Context) {
    this.#run = run;
    this.#tracer = tracer;
    this.#attempt = attempt;
    this.#parent = parent;
    this.#from = { at: run.clock.wallNow(), steps: run.state.step };
    this.#evaluations = new OtelEvaluationSpans((name, attributes, epoch, at) => {
      const link = this.#lastEpoch?.number === epoch ? this.#lastEpoch.span : undefined;
      return this.#open(name, attributes, at, link);
    }, this.#labels);
  }

  hear(event: JournalledEvent): void {
    if (this.#isOver) return;
    const root = (this.#root ??= this.#begin(event));
    switch (event.type) {
      case 'epoch:start':
        this.#lastEpoch = this.#openEpoch = this.#beginEpoch(event.epoch, this.#run.state.step, event.at);
        break;
      case 'epoch:end':
        this.#endEpoch(event);
        break;
      case 'checkpoint':
        tell(this.#openEpoch?.span ?? root, checkpointEvent(event), event.at);
        break;
      case 'evaluation:requested':
      case 'evaluation:skipped':
      case 'evaluation:start':
      case 'evaluation:sample':
      case 'evaluation:end':
        this.#evaluations.hear(event);
        break;
      case 'sla:violation':
      case 'sla:recovered':
        tell(this.#evaluations.of(event.violation.evaluationId) ?? root, spanEventOf(event), event.at);
        break;
      case 'run:end':
        root.set(() => runEndAttributes(event));
        if (event.status === 'failed') root.fail(event.error?.message ?? event.reason ?? event.status);
        this.close(event.at);
        break;
      case 'sla:unmeasured':
      case 'sla:unenforceable':
      case 'breaker:transition':
      case 'callback:error':
      case 'callback:slow':
      case 'dropped':
        tell(root, spanEventOf(event), event.at);
        break;
      case 'run:start':
      case 'run:resume':
      case 'step:summary':
      case 'evaluation:progress':
      case 'training:end':
      case 'custom':
        break; // the run has begun, and that is all
    }
  }

  /** Ends what is open. */
  close(at: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#evaluations.close(at);
    this.#openEpoch?.span.end(at);
    this.#root?.end(at);
  }

  #begin({ type, at }: JournalledEvent): OtelSpan {
    const attributes = known({ 'pitwall.run.planned_epochs': this.#run.epochs });
    return this.#open(
      `run ${this.#run.name}`,
      attributes,
      type === 'run:start' || type === 'run:resume' ? at : undefined,
    );
  }

  #beginEpoch(number: number, stepsBefore: number, at?: number): EpochSpan {
    return { number, stepsBefore, span: this.#open('epoch', { 'pitwall.epoch.number': number }, at) };
  }

  #endEpoch({ epoch, metrics, checkpoint, interrupted, at }: EventOf<'epoch:end'>): void {
    const ended = this.#openEpoch ?? this.#beginEpoch(epoch, this.#from.steps);
    this.#openEpoch = undefined;
    this.#lastEpoch = ended;
    const { span, stepsBefore } = ended;
    const steps = this.#run.state.step - stepsBefore;
    span.set(() => known({ 'pitwall.epoch.steps': steps, 'pitwall.epoch.interrupted': interrupted }));
    span.set(() => numbersUnder('pitwall.epoch.metric', metrics, this.#labels));
    this.#attempt(() => {
      for (const notFinite of notFiniteEvents(metrics)) tell(span, notFinite, at);
    });
    if (checkpoint !== undefined) tell(span, checkpointEvent(checkpoint), at);
    span.end(at);
  }

  /** @param at left out where it has begun before anybody listened */
  #open(name: string, own: Attributes, at?: number, link?: OtelSpan): OtelSpan {
    const attributes = {
      ...known({ 'pitwall.run.id': this.#run.runId, 'pitwall.training.name': this.#run.name }),
      ...own,
      ...(at === undefined ? { 'pitwall.partial': true } : {}),
    };
    const parent = this.#root?.context ?? this.#parent;
    return new OtelSpan(this.#tracer, this.#attempt, { name, attributes, parent, link, at: at ?? this.#from.at });
  }
}

function tell(span: OtelSpan, event: OtelSpanEvent, at: number): void {
  span.tell(event.name, () => event.attributes, at);
}

function runEndAttributes({
  status,
  reason,
  epochs,
  steps,
  error,
  overhead,
  evaluations,
}: EventOf<'run:end'>): Attributes {
  const counts = Object.entries(evaluations).map(([end, count]) => [`pitwall.run.evaluations.${end}`, count] as const);
  return known({
    'pitwall.run.status': status,
    'pitwall.run.reason': reason,
    'pitwall.run.epochs': epochs,
    'pitwall.run.steps': steps,
    'pitwall.run.overhead': asRatio(overhead.percent),
    'error.type': status === 'failed' ? (error?.code ?? error?.name ?? '_OTHER') : undefined,
    ...Object.fromEntries(counts),
  });
}
