/** The place of one callback among those that tell of its run. */
export interface TellersPlace {
  /** Whether what happens in the run is its to count. */
  readonly isFirst: () => boolean;
  /** Whoever comes next goes on. @param isKept where there is none, it is still asked about the training */
  readonly leave: (isKept: boolean) => void;
}

/**
 * Who tells of runs in one place, a registry or a meter. Of several callbacks of a run the first that is there does, so that nothing
 * counts twice; of several runs of a training the last one is asked.
 */
export class RunTellers<Teller> {
  /** By run, in the order in which they came. */
  readonly #present = new Map<string, Teller[]>();
  /** By training; of a run that is over, too. */
  readonly #asked = new Map<string, Teller>();

  follow(training: string, runId: string, teller: Teller): TellersPlace {
    const run = JSON.stringify([training, runId]);
    const present = this.#present.get(run) ?? [];
    this.#present.set(run, present);
    if (present.push(teller) === 1) this.#asked.set(training, teller);
    const leave = (isKept: boolean): void => {
      const place = present.indexOf(teller);
      if (place < 0) return;
      present.splice(place, 1);
      if (present.length === 0) this.#present.delete(run);
      if (this.#asked.get(training) !== teller) return;
      const [next] = present;
      if (next !== undefined) this.#asked.set(training, next);
      else if (!isKept) this.#asked.delete(training);
    };
    return { isFirst: () => present[0] === teller, leave };
  }

  /** Those that are asked, by their trainings. */
  [Symbol.iterator](): Iterator<[training: string, teller: Teller]> {
    return this.#asked.entries();
  }
}
