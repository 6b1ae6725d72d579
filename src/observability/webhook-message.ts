import type { EvaluationCounts, EventOf, RunEvent, Violation } from '../events/index.ts';
import { sentenceOf } from './event-sentence.ts';

/** What a webhook may tell of. */
export const webhookEvents = ['violation', 'breaker', 'run-end'] as const;

export type WebhookEvent = (typeof webhookEvents)[number];

/** What stands in each message. */
interface Head {
  /** `<runId>-<seq>`, the same each time that it is sent. */
  readonly id: string;
  readonly runId: string;
  /** The run's name. */
  readonly name: string;
  /** Wall-clock milliseconds of the event. */
  readonly at: number;
  readonly seq: number;
  /** The whole in one sentence. */
  readonly text: string;
}

/** A message of {@link webhook}, as its receiver finds it in the body. */
export type WebhookMessage = Head &
  (
    | {
        readonly event: 'violation';
        /** Whose, and of which epoch; missing where the webhook came later than the evaluation's request. */
        readonly evaluation?: string;
        readonly epoch?: number;
        /** Missing where an evaluation was violated without saying how. */
        readonly violation?: Violation;
      }
    | {
        readonly event: 'breaker';
        readonly breaker: string;
        readonly from: string;
        readonly to: string;
        readonly reason: string;
      }
    | {
        readonly event: 'run-end';
        readonly status: 'completed' | 'stopped' | 'failed';
        readonly reason?: string;
        readonly error?: EventOf<'run:end'>['error'];
        readonly epochs: number;
        readonly steps: number;
        readonly evaluations: EvaluationCounts;
      }
  );

type Subject = { readonly evaluation: string; readonly epoch: number } | undefined;

/** Makes the messages of a run out of its events. It holds what is in flight, and no more. */
export class WebhookMessages {
  readonly #name: string;
  readonly #on: ReadonlySet<WebhookEvent>;
  readonly #subjects = new Map<string, Subject>();
  /** Violations that were told, by their evaluation: its end tells the last of them again. */
  readonly #told = new Map<string, Set<string>>();

  /** @param name the run's */
  constructor(name: string, on: readonly WebhookEvent[]) {
    this.#name = name;
    this.#on = new Set(on);
  }

  /** @returns the message that an event is worth; `undefined` for most. */
  see(event: RunEvent): WebhookMessage | undefined {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- nobody is called for the other events
    switch (event.type) {
      case 'evaluation:requested':
        this.#subjects.set(event.evaluationId, { evaluation: event.name, epoch: event.epoch });
        return undefined;
      case 'evaluation:skipped':
        this.#forget(event.evaluationId);
        return undefined;
      case 'sla:violation':
        return this.#violated(event, event.violation, this.#subjects.get(event.violation.evaluationId));
      case 'evaluation:end': {
        const { status, evaluationId, name: evaluation, epoch, violation } = event;
        const message = status === 'violated' ? this.#violated(event, violation, { evaluation, epoch }) : undefined;
        this.#forget(evaluationId);
        return message;
      }
      case 'breaker:transition': {
        const { name: breaker, from, to, reason } = event;
        return this.#isWanted('breaker')
          ? { ...this.#head(event), event: 'breaker', breaker, from, to, reason }
          : undefined;
      }
      case 'run:end': {
        const { status, reason, error, epochs, steps, evaluations } = event;
        if (!this.#isWanted('run-end')) return undefined;
        const why = { ...(reason !== undefined && { reason }), ...(error !== undefined && { error }) };
        return { ...this.#head(event), event: 'run-end', status, ...why, epochs, steps, evaluations };
      }
      default:
        return undefined;
    }
  }

  #violated(
    event: EventOf<'sla:violation'> | EventOf<'evaluation:end'>,
    violation: Violation | undefined,
    subject: Subject,
  ): WebhookMessage | undefined {
    const evaluationId = violation?.evaluationId ?? ('evaluationId' in event ? event.evaluationId : '');
    const told = this.#told.get(evaluationId) ?? new Set();
    const which = violation === undefined ? '' : `${violation.rule} ${violation.action} ${violation.observedAt}`;
    const isTold = violation === undefined ? told.size > 0 : told.has(which);
    this.#told.set(evaluationId, told.add(which));
    if (isTold || !this.#isWanted('violation')) return undefined;
    return {
      ...this.#head(event),
      event: 'violation',
      ...subject,
      ...(violation !== undefined && { violation }),
    };
  }

  #forget(evaluationId: string): void {
    this.#subjects.delete(evaluationId);
    this.#told.delete(evaluationId);
  }

  #isWanted(event: WebhookEvent): boolean {
    return this.#on.has(event);
  }

  #head(event: Exclude<RunEvent, { type: 'step' }>): Head {
    const { runId, at, seq } = event;
    return { id: `${runId}-${seq}`, runId, name: this.#name, at, seq, text: `${this.#name}: ${sentenceOf(event)}` };
  }
}
