import type { EventOf, RunEvent } from '../events/index.ts';

type End = EventOf<'evaluation:end'>;

/** One that was asked for, and has not been handed on. */
interface Asked {
  readonly evaluationId: string;
  readonly epoch: number;
  /** `undefined` while it waits or runs; `nothing` is an end that has no result. */
  outcome: End | 'nothing' | undefined;
}

/**
 * Hands on the completed evaluations of one name in the order in which they were asked for, which is that of their subjects.
 *
 *     requested, ended   1-2-2'-3-1'-3'-     (2 is quicker than 1)
 *     handed on          --------12--3--
 *
 * A result waits for those before it; what was skipped, failed or ended holds up nobody. Of what was asked for before it looked,
 * the results are handed on as they come. It holds what is in flight, and no more than waits behind the oldest of these.
 */
export class ResultsInOrder {
  readonly #name: string;
  #asked: Asked[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** @returns the results whose turn has come by this event. */
  see(event: RunEvent): readonly End[] {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the other events say nothing of an evaluation's end
    switch (event.type) {
      case 'evaluation:requested':
        if (event.name === this.#name)
          this.#asked.push({ evaluationId: event.evaluationId, epoch: event.epoch, outcome: undefined });
        return [];
      case 'evaluation:skipped':
        return event.name === this.#name ? this.#ended(event.evaluationId, 'nothing') : [];
      case 'evaluation:end':
        return event.name === this.#name
          ? this.#ended(event.evaluationId, event.status === 'completed' ? event : 'nothing')
          : [];
      default:
        return [];
    }
  }

  /** Gives up what is in flight: it was lost with the process that told of it. @returns the results that waited for it. */
  lost(): readonly End[] {
    for (const asked of this.#asked) asked.outcome ??= 'nothing';
    return this.#due();
  }

  /** Whether one of this epoch was asked for and has not been handed on. */
  awaits(epoch: number): boolean {
    return this.#asked.some((asked) => asked.epoch === epoch);
  }

  #ended(evaluationId: string, outcome: End | 'nothing'): readonly End[] {
    const asked = this.#asked.find((other) => other.evaluationId === evaluationId);
    if (asked === undefined) return outcome === 'nothing' ? [] : [outcome];
    asked.outcome ??= outcome;
    return this.#due();
  }

  #due(): readonly End[] {
    const firstOpen = this.#asked.findIndex(({ outcome }) => outcome === undefined);
    const over = this.#asked.splice(0, firstOpen < 0 ? this.#asked.length : firstOpen);
    return over.flatMap(({ outcome }) => (outcome === undefined || outcome === 'nothing' ? [] : [outcome]));
  }
}
