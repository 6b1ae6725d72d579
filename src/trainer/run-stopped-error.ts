import { PitwallError } from '../errors/index.ts';

/** Rejects the next step after a stop. Its code is `RUN_STOPPED`; `fit` turns it into the outcome. */
export class RunStoppedError extends PitwallError {
  readonly reason: string;

  constructor(reason: string) {
    super(
      'RUN_STOPPED',
      `The run was stopped (${reason}), so no further step begins: let this error out of the epoch.`,
    );
    this.reason = reason;
  }
}

/**
 * Tells whether an error comes of the stop: the error itself, one that holds it as its cause, or the AbortError of something
 * that was given `epoch.signal`.
 */
export function comesOfStop(error: unknown): boolean {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 8; inner = inner.cause, depth++) {
    if (inner instanceof RunStoppedError || inner.name === 'AbortError') return true;
  }
  return false;
}
