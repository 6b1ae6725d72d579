/** A mean and the interval that holds the true one, as shares: 0.05 is 5%. */
export interface ImpactEstimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** How many pairs of windows it rests on. */
  readonly pairs: number;
}

/** Before so many pairs nothing is told. */
const fewestPairs = 8;
/** At about so many pairs the interval is narrowest for what is known. */
const tunedForPairs = 60;
/** What is believed of the spread before there is one: a quarter, as one pair. */
const priorSquares = 0.0625;

/**
 * The mean of what comes, with an interval that may be looked at after each value and still holds the truth with the stated
 * probability over all looks together. A plain 95% interval looked at so often is wrong in a quarter of all runs.
 *
 * An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
 * asymptotic confidence sequences", 2024), with a prior for the spread. Its state is three numbers.
 */
export class ImpactInterval {
  readonly #alpha: number;
  readonly #rho2: number;
  #count = 0;
  #mean = 0;
  /** The sum of squares about the mean. */
  #squares = 0;

  /** @param alpha how often it may ever miss the truth: above 0 and below 1 */
  constructor(alpha: number) {
    const bits = -2 * Math.log(alpha);
    this.#alpha = alpha;
    this.#rho2 = (bits + Math.log(bits + 1)) / tunedForPairs;
  }

  add(value: number): void {
    this.#count++;
    const off = value - this.#mean;
    this.#mean += off / this.#count;
    this.#squares += off * (value - this.#mean);
  }

  clear(): void {
    this.#count = 0;
    this.#mean = 0;
    this.#squares = 0;
  }

  /** `null` before there are eight values. */
  get estimate(): ImpactEstimate | null {
    const count = this.#count;
    if (count < fewestPairs) return null;
    const spread = Math.sqrt((this.#squares + priorSquares) / (count - 1));
    const weight = count * this.#rho2 + 1;
    const half =
      spread * Math.sqrt((weight / (count * count * this.#rho2)) * Math.log(weight / (this.#alpha * this.#alpha)));
    return { mean: this.#mean, low: this.#mean - half, high: this.#mean + half, pairs: count };
  }
}
