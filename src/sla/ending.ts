import type { Clock } from '../clock/index.ts';
import type { Violation } from '../events/index.ts';
import { EvaluationError } from './evaluation-error.ts';

/** The end of an evaluation that broke a rule: it comes when the violation was told **and** the work is gone. */
export interface Ending {
  /** The violation has reached who listens. */
  told(): void;
  /** The work has ended; `cause` is the error with which it said so. A second call changes nothing. */
  gone(cause?: unknown): void;
}

/** Begins the end now, which is when the kill is sent, and gives `onEnded` the error that stands for it, once. */
export function endingOf(violation: Violation, clock: Clock, onEnded: (error: EvaluationError) => void): Ending {
  const killedAt = clock.wallNow();
  let isTold = false;
  let end: { readonly goneAt: number; readonly cause: unknown } | undefined;
  const settle = (): void => {
    if (isTold && end !== undefined) onEnded(errorOf(violation, killedAt, end));
  };
  return {
    told: () => {
      isTold = true;
      settle();
    },
    gone: (cause) => {
      if (end !== undefined) return;
      end = { goneAt: clock.wallNow(), cause };
      settle();
    },
  };
}

/** An executor that reaped for this very rule knows the moments better than its host. */
function errorOf(
  violation: Violation,
  killedAt: number,
  { goneAt, cause }: { readonly goneAt: number; readonly cause: unknown },
): EvaluationError {
  const told =
    cause instanceof EvaluationError && cause.violation?.rule === violation.rule ? cause.violation : undefined;
  return EvaluationError.ofViolation(
    {
      ...violation,
      killedAt: told?.killedAt ?? killedAt,
      goneAt: told?.goneAt ?? goneAt,
      pausedMs: told?.pausedMs ?? violation.pausedMs,
      ...(told?.starved !== undefined && { starved: told.starved }),
    },
    { cause },
  );
}
