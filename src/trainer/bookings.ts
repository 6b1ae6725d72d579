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
   * Takes note of an event. A second end, and what an evaluation tells after its end, is not admitted.
   *
   * @param mayRequest whether the owner may still begin something
   * @returns whether the event belongs to the run.
   */
  admit(body: EventBody, owner: Owner, mayRequest: boolean): boolean {
    if (body.type === 'evaluation:requested') {
      if (!mayRequest || this.#open.has(body.evaluationId)) return false;
      const { evaluationId, name, epoch, step } = body;
      this.#open.set(evaluationId, { subject: { evaluationId, name, epoch, step }, owner });
      return true;
    }
    if (body.type === 'evaluation:end' || body.type === 'evaluation:skipped')
      return this.#open.delete(body.evaluationId);
    if ('evaluationId' in body) {
      const booking = this.#open.get(body.evaluationId);
      if (booking !== undefined && body.type === 'evaluation:start')
        this.#open.set(body.evaluationId, { ...booking, subject: { ...booking.subject, queuedMs: body.queuedMs } });
      return booking !== undefined;
    }
    return mayRequest || ('violation' in body && this.#open.has(body.violation.evaluationId));
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
