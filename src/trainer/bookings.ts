import type { EventBody } from '../events/index.ts';
import { untoldEnd, type UntoldEvaluation } from './untold-end.ts';

interface Booking<Owner> {
  readonly subject: UntoldEvaluation;
  readonly owner: Owner;
}

/**
 * Keeps the requests equal to the ends: which evaluations were requested and have not ended, and who answers for each.
 *
 * It looks at events as they are published, before they wait in the queue, so that it is true at every moment.
 */
export class Bookings<Owner> {
  readonly #open = new Map<string, Booking<Owner>>();

  /** How many evaluations are in flight. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Whether an event would belong to the run. A second end, and what an evaluation tells after its end, does not.
   *
   * @param mayRequest whether the owner may still begin something
   */
  admits(body: EventBody, mayRequest: boolean): boolean {
    if (body.type === 'evaluation:requested') return mayRequest && !this.#open.has(body.evaluationId);
    if ('evaluationId' in body) return this.#open.has(body.evaluationId);
    return mayRequest || ('violation' in body && this.#open.has(body.violation.evaluationId));
  }

  /** Takes note of an event, if it belongs to the run. Gives what {@link admits} does. */
  admit(body: EventBody, owner: Owner, mayRequest: boolean): boolean {
    if (!this.admits(body, mayRequest)) return false;
    if (body.type === 'evaluation:requested') {
      const { evaluationId, name, epoch, step } = body;
      this.#open.set(evaluationId, { subject: { evaluationId, name, epoch, step }, owner });
    } else if (body.type === 'evaluation:end' || body.type === 'evaluation:skipped') {
      this.#open.delete(body.evaluationId);
    } else if (body.type === 'evaluation:start') {
      const booking = this.#open.get(body.evaluationId);
      if (booking !== undefined)
        this.#open.set(body.evaluationId, { ...booking, subject: { ...booking.subject, queuedMs: body.queuedMs } });
    }
    return true;
  }

  /** The evaluations in flight that the owner answers for. */
  of(owner: Owner): UntoldEvaluation[] {
    return [...this.#open.values()].filter((booking) => booking.owner === owner).map((booking) => booking.subject);
  }
}

/** The end of an evaluation whose callback is over, so that nobody else will tell it. */
export function abandonedEnd(subject: UntoldEvaluation): EventBody {
  return untoldEnd(subject, {
    code: 'CALLBACK_OVER',
    message: `The callback that had requested "${subject.name}" of epoch ${subject.epoch} was over before it ended.`,
  });
}
