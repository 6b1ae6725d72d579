import type { EventOf, Violation } from '../events/index.ts';
import type { Bounded, ViolationTold } from './run-report.ts';
import { Samples } from './samples.ts';

/** Told with their samples; of what comes after them only the number. */
const mostViolations = 200;

/** Whose evaluation it is. */
interface Subject {
  readonly name: string;
  readonly epoch: number;
}

interface Draft {
  readonly subject: Subject | undefined;
  readonly samples: ViolationTold['samples'];
  violation: Violation;
  recoveredAt: number | undefined;
}

/** The rules that were broken, each with what was sampled of its evaluation until then. */
export class ViolationsFold {
  readonly #startedAt: () => number;
  readonly #running = new Map<string, Samples>();
  #drafts: Draft[] = [];
  /** Of evaluations whose violations were too many to be told. */
  #more: string[] = [];

  constructor(startedAt: () => number) {
    this.#startedAt = startedAt;
  }

  sample(sample: EventOf<'evaluation:sample'>): void {
    let samples = this.#running.get(sample.evaluationId);
    if (samples === undefined) this.#running.set(sample.evaluationId, (samples = new Samples()));
    samples.add(sample);
  }

  broken(violation: Violation, subject: Subject | undefined): void {
    const { evaluationId, rule } = violation;
    if (this.#drafts.length >= mostViolations) {
      this.#more.push(evaluationId);
      return;
    }
    const samples = (this.#running.get(evaluationId) ?? new Samples()).told(rule, this.#startedAt());
    this.#drafts.push({ violation, subject, samples, recoveredAt: undefined });
  }

  recovered({ at, violation: { evaluationId, rule } }: EventOf<'sla:recovered'>): void {
    const draft = this.#drafts.findLast(
      ({ violation }) => violation.evaluationId === evaluationId && violation.rule === rule,
    );
    if (draft !== undefined) draft.recoveredAt = at;
  }

  /** Its end tells more of the violation that ended it: when it was killed, and when it was gone. */
  end({ evaluationId, violation }: EventOf<'evaluation:end'>): void {
    this.#running.delete(evaluationId);
    if (violation === undefined) return;
    const draft = this.#drafts.findLast(
      ({ violation: told }) => told.evaluationId === evaluationId && told.rule === violation.rule,
    );
    if (draft !== undefined) draft.violation = violation;
  }

  /** Forgets the violations of evaluations that are asked for again. */
  resume(isKept: (evaluationId: string) => boolean): void {
    this.#drafts = this.#drafts.filter(({ violation }) => isKept(violation.evaluationId));
    this.#more = this.#more.filter(isKept);
  }

  told(): Bounded<ViolationTold> {
    const startedAt = this.#startedAt();
    return {
      shown: this.#drafts.map(({ violation, subject, samples, recoveredAt }) => ({
        violation,
        name: subject?.name ?? null,
        epoch: subject?.epoch ?? null,
        observedMs: violation.observedAt - startedAt,
        recoveredMs: recoveredAt === undefined ? null : recoveredAt - startedAt,
        samples,
      })),
      of: this.#drafts.length + this.#more.length,
    };
  }
}
