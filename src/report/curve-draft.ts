import type { Curve, Figure } from './run-report.ts';
import { thinned } from './thinned.ts';

/** Of one curve; more than a screen is wide shows no more. */
const mostPoints = 1000;

/** A curve while it is filled: plain columns, as a long run has many values. */
export class CurveDraft {
  readonly #name: string;
  readonly #evaluation: string | undefined;
  readonly #epochs: number[] = [];
  readonly #values: (number | null)[] = [];
  /** Of estimates only: most curves have none. */
  #ends: { readonly low: (number | null)[]; readonly high: (number | null)[] } | undefined;
  #hasNumber = false;
  #notFinite = 0;

  constructor(name: string, evaluation?: string) {
    this.#name = name;
    this.#evaluation = evaluation;
  }

  /** Whether there is anything to draw or to say: what was `null` all along is not. */
  get isTold(): boolean {
    return this.#hasNumber;
  }

  add(epoch: number, { value, low, high }: Figure): void {
    this.#hasNumber ||= value !== null;
    if (value !== null && !Number.isFinite(value)) this.#notFinite++;
    if (low !== undefined) this.#ends ??= { low: this.#values.map(() => null), high: this.#values.map(() => null) };
    this.#epochs.push(epoch);
    this.#values.push(finite(value));
    this.#ends?.low.push(finite(low ?? null));
    this.#ends?.high.push(finite(high ?? null));
  }

  /** The curve, in the order in which its values came. */
  told(): Curve {
    const places = thinned(this.#values, mostPoints);
    const at = <T>(column: readonly T[]): T[] => places.map((place) => column[place] as T);
    return {
      name: this.#name,
      ...(this.#evaluation === undefined ? {} : { evaluation: this.#evaluation }),
      epochs: at(this.#epochs),
      values: at(this.#values),
      ...(this.#ends === undefined ? {} : { low: at(this.#ends.low), high: at(this.#ends.high) }),
      of: this.#values.length,
      notFinite: this.#notFinite,
    };
  }
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
