/** One step in so many is measured, chosen anew in each block, so that no rhythm of the training hides from it. */
const blockLength = 64;

/** Chooses the steps whose deliveries are timed: the first of all, then one at random in each 64. */
export class StepSampling {
  #seen = 0;
  #chosen = 0;
  #random = 0x2545f491;

  /** Tells whether the next step is one of them. */
  next(): boolean {
    const position = this.#seen++ % blockLength;
    if (position === 0) this.#chosen = this.#nextBelow(blockLength);
    return position === this.#chosen || this.#seen === 1;
  }

  /** xorshift: Math.random would do, but a run repeats with this one. */
  #nextBelow(bound: number): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) % bound;
  }
}
