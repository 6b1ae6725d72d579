/**
 * The base of every error that Pitwall raises: a stable {@link code} for programs, a sentence for people.
 *
 * The message says what was expected, what came, and what to do.
 */
export class PitwallError extends Error {
  /** Stable, upper-case, never translated: `RUN_STOPPED`, `SUPERVISOR_LOST`, … */
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A user's mistake in what was asked for. It is thrown where the mistake was made, before anything has begun. */
export class ConfigurationError extends PitwallError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('CONFIGURATION', message, options);
  }
}
