import type { Attributes } from '@opentelemetry/api';

/** A number and what it is of. */
interface Tally {
  readonly attributes: Attributes;
  value: number;
}

/**
 * Numbers by their instrument and attributes, kept until somebody collects: what happens in a training is added up here, and
 * OpenTelemetry's own work on each number falls on the collection.
 */
export class OtelTallies<Name extends string> {
  readonly #tallies = new Map<Name, Map<string, Tally>>();

  add(name: Name, attributes: Attributes, by: number): void {
    this.#of(name, attributes).value += by;
  }

  set(name: Name, attributes: Attributes, value: number): void {
    this.#of(name, attributes).value = value;
  }

  read(observe: (name: Name, value: number, attributes: Attributes) => void): void {
    for (const [name, tallies] of this.#tallies)
      for (const { attributes, value } of tallies.values()) observe(name, value, attributes);
  }

  /** Attributes of one instrument are told in one order, so that their text knows them. */
  #of(name: Name, attributes: Attributes): Tally {
    const tallies = this.#tallies.get(name) ?? new Map<string, Tally>();
    this.#tallies.set(name, tallies);
    const key = JSON.stringify(attributes);
    const tally = tallies.get(key) ?? { attributes, value: 0 };
    tallies.set(key, tally);
    return tally;
  }
}
