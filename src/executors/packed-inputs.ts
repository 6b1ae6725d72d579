import type { Job } from './executor.ts';
import type { PackedFiles, PackedInput } from './packed-input.ts';

/**
 * The inputs of one executor's jobs. A job that waits has its input packed ahead, and may then be run more than once; its memory
 * is used again only when the job is over **and** nobody still writes from it.
 *
 * @example
 * const inputs = new PackedInputs((job) => packed(job.input, job.name));
 * const traits = { pack: (job) => inputs.keep(job), forget: (job) => inputs.forget(job) };
 * // and for each subscription:
 * const input = inputs.of(job);
 * // ... write input.files(folder), and then, or when it is never to be written:
 * input.release?.();
 */
export class PackedInputs<Packed extends PackedFiles> {
  readonly #pack: (job: Job) => PackedInput<Packed>;
  readonly #kept = new WeakMap<Job, SharedInput<Packed>>();

  constructor(pack: (job: Job) => PackedInput<Packed>) {
    this.#pack = pack;
  }

  /** Packs the input now: the job will wait. */
  keep(job: Job): void {
    this.forget(job);
    this.#kept.set(job, new SharedInput(this.#pack(job)));
  }

  /** The job is over, or will never run. Who is never told only loses the memory to the garbage collector. */
  forget(job: Job): void {
    this.#kept.get(job)?.release();
    this.#kept.delete(job);
  }

  /** The input for one run of the job: as it was packed ahead, or else packed now. To be released once. */
  of(job: Job): PackedInput<Packed> {
    return this.#kept.get(job)?.lend() ?? this.#pack(job);
  }
}

/** A packed input with several holders: who packed it ahead, and every run that writes from it. */
class SharedInput<Packed extends PackedFiles> {
  readonly #input: PackedInput<Packed>;
  #holders = 1;

  constructor(input: PackedInput<Packed>) {
    this.#input = input;
  }

  lend(): PackedInput<Packed> {
    if ('error' in this.#input) return this.#input;
    this.#holders++;
    let isLent = true;
    return {
      ...this.#input,
      release: () => {
        if (isLent) this.release();
        isLent = false;
      },
    };
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0 && !('error' in this.#input)) this.#input.release?.();
  }
}
