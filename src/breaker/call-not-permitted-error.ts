import { PitwallError } from '../errors/index.ts';

/**
 * A circuit breaker did not admit the call, which was never begun. Its code is `CALL_NOT_PERMITTED`.
 *
 * It has no stack trace: an open breaker makes many of these, and where it was thrown says nothing about what went wrong.
 */
export class CallNotPermittedError extends PitwallError {
  /** The breaker's name. */
  readonly breaker: string;
  /** In how many ms a call may be admitted; `null` when that is not known. */
  readonly retryAfterMs: number | null;

  constructor(breaker: string, retryAfterMs: number | null) {
    const framesBefore = Error.stackTraceLimit;
    limitStack(0);
    super('CALL_NOT_PERMITTED', sentence(breaker, retryAfterMs));
    limitStack(framesBefore);
    this.breaker = breaker;
    this.retryAfterMs = retryAfterMs;
  }
}

function sentence(breaker: string, retryAfterMs: number | null): string {
  return retryAfterMs === null
    ? `The breaker "${breaker}" admits no call until it changes its state.`
    : `The breaker "${breaker}" is open: try again in ${Math.ceil(retryAfterMs)} ms.`;
}

/** Under `--frozen-intrinsics` the limit cannot be set: the error is slower then, and no worse. */
function limitStack(frames: number): void {
  try {
    Error.stackTraceLimit = frames;
  } catch {
    return;
  }
}
