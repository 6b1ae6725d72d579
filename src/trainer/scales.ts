import type { ScaleDirective } from '../callbacks/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import { scaleEventName, scaleTold, type EventOf, type RunEvent } from '../events/index.ts';

/** Who has given a directive, and what was being told to it then. */
export interface ScaledBy {
  readonly callback: string;
  /** The event that the directive answers; `undefined` where it answers none. */
  readonly causedBySeq: number | undefined;
}

/** The products of the `scale` directives of a run, by their names: a fold of the events that tell them. */
export class Scales {
  readonly #products = new Map<string, number>();

  /** @param history what stands of a run that goes on */
  constructor(history: readonly RunEvent[] = []) {
    for (const event of history) {
      const scaled = scaleTold(event);
      if (scaled !== undefined) this.#multiply(scaled);
    }
  }

  /**
   * Gives the product of all factors of a name so far; 1 where there was none.
   *
   * @throws {ConfigurationError} unless the name is a string that is not empty.
   */
  of(name: string): number {
    if (typeof name !== 'string' || name.trim() === '')
      throw new ConfigurationError(
        `scaleOf(name) must get the name that scale(name, factor, reason) was given, a string that is not empty, but ${told(name)} came.`,
      );
    return this.#products.get(name) ?? 1;
  }

  /** Carries a directive out, and gives the event that tells it. */
  apply(
    { name, factor, reason }: ScaleDirective,
    { callback, causedBySeq }: ScaledBy,
  ): Omit<EventOf<'custom'>, 'seq' | 'at' | 'runId'> {
    const scale = this.#multiply({ name, factor });
    return {
      type: 'custom',
      name: scaleEventName,
      value: { name, factor, scale, reason, callback, ...(causedBySeq !== undefined && { causedBySeq }) },
    };
  }

  #multiply({ name, factor }: { readonly name: string; readonly factor: number }): number {
    const product = (this.#products.get(name) ?? 1) * factor;
    // What has become too small or too large for a number stays one that a later factor can bring back.
    const scale = Math.min(Math.max(product, Number.MIN_VALUE), Number.MAX_VALUE);
    this.#products.set(name, scale);
    return scale;
  }
}
