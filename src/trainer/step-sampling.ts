import { repeatableChance } from './repeatable-chance.ts';

/** One step in so many is measured, chosen anew in each block, so that no rhythm of the training hides from it. */
const blockLength = 64;

/** Chooses the steps whose deliveries are timed: the first of all, then one at random in each 64. */
export class StepSampling {
  readonly #chance = repeatableChance();
  #seen = 0;
  #chosen = 0;

  /** Tells whether the next step is one of them. */
  next(): boolean {
    const position = this.#seen++ % blockLength;
    if (position === 0) this.#chosen = Math.floor(this.#chance() * blockLength);
    return position === this.#chosen || this.#seen === 1;
  }
}
