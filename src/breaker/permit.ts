/**
 * The right to one call. Exactly one of its methods counts, once: the first that is called.
 *
 * A permit that was given before the breaker's last change of state changes nothing any more.
 */
export interface Permit {
  /** The call succeeded. */
  success(): void;
  /**
   * The call failed. The breaker's `recordFailure` decides whether that counts; where it has none, the one that is given here.
   */
  failure(error: unknown, recordFailure?: RecordFailure): void;
  /** There was no call after all: nothing counts, and half-open may admit another. */
  release(): void;
}

/** Whether an error counts: only `false` says that it does not. */
export type RecordFailure = (error: unknown) => boolean;

/** Who gave a permit and hears what became of it. */
export interface PermitIssuer {
  succeeded(generation: number, startedAtMs: number): void;
  failed(generation: number, startedAtMs: number, error: unknown, recordFailure: RecordFailure | undefined): void;
  released(generation: number): void;
}

export class IssuedPermit implements Permit {
  /** Gone once the permit is used. */
  #issuer: PermitIssuer | undefined;
  readonly #generation: number;
  readonly #startedAtMs: number;

  constructor(issuer: PermitIssuer, generation: number, startedAtMs: number) {
    this.#issuer = issuer;
    this.#generation = generation;
    this.#startedAtMs = startedAtMs;
  }

  success(): void {
    const issuer = this.#issuer;
    this.#issuer = undefined;
    issuer?.succeeded(this.#generation, this.#startedAtMs);
  }

  failure(error: unknown, recordFailure?: RecordFailure): void {
    const issuer = this.#issuer;
    this.#issuer = undefined;
    issuer?.failed(this.#generation, this.#startedAtMs, error, recordFailure);
  }

  release(): void {
    const issuer = this.#issuer;
    this.#issuer = undefined;
    issuer?.released(this.#generation);
  }
}
