import { Observable, Subject, Subscription, takeUntil, type MonoTypeOperatorFunction } from 'rxjs';
import { clockOf } from '../clock/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';
import { endingOf, type Ending } from './ending.ts';
import { assertNoMisspeltField, containedListeners, guardedEvaluation, type GuardOptions } from './guard-options.ts';
import type { Safeguard } from './safeguard.ts';
import { watchSafeguards } from './watch-safeguards.ts';

/** Decided once: what comes first, an answer or a violation, is the end that the evaluation has. */
type Verdict =
  | { readonly kind: 'open' }
  /** The source has answered, so that no violation counts any more. */
  | { readonly kind: 'answered' }
  /** The source was asked to end, and whatever it says next means that it has. */
  | { readonly kind: 'reaping'; readonly ending: Ending }
  /** The source was unsubscribed from, and is not heard. */
  | { readonly kind: 'killed' };

/**
 * Holds an execution to safeguards: the first `abort` violation ends it, `warn`s are told and go by.
 *
 *     source$                   ---------(r|)        ------(r|)
 *     safeguards                ---w---v             --w
 *     guard(safeguards)         -------#             ------(r|)
 *     subscriptions to source$  ^------!             ^-----!
 *
 * For a source of one result, as an executor's is: its first value is the answer, and no violation after it counts. An `abort`
 * violation is given to `abort`; where that is false or absent the source is unsubscribed from, which is the kill. Where it is
 * true the source ends itself, and whatever it then says, the violation is the error, with `goneAt` the moment when it said so.
 *
 * All safeguards are subscribed to before the source, and let go when it answers or ends and when the subscriber leaves. One
 * that throws, errors or emits something else is told to `onSafeguardError`; the evaluation goes on, and so it does when one
 * completes. What the listeners throw changes no verdict. Errors with the source's error, or with an `EvaluationError` of the
 * kind `violation`.
 *
 * @param evaluation what is known of it; without `started$` its work begins at the subscription
 * @throws {ConfigurationError} unless `safeguards` is an array of functions, and for a misspelt field of `evaluation`.
 *
 * @example
 * evaluate$.pipe(guard([maxTime(10_000)])); // after 10 s without an answer: unsubscribes and errors
 */
export function guard<T>(safeguards: readonly Safeguard[], evaluation: GuardOptions = {}): MonoTypeOperatorFunction<T> {
  assertSafeguards(safeguards);
  assertNoMisspeltField(evaluation);
  return (source$) =>
    new Observable<T>((subscriber) => {
      const guarded = guardedEvaluation(evaluation);
      const listeners = containedListeners(evaluation);
      const watching = new Subscription();
      // A subject, so that a source that emits without end while it is being subscribed to can be ended too.
      const kill$ = new Subject<void>();
      let verdict = { kind: 'open' } as Verdict;

      const end = (violation: Violation): void => {
        const ending = endingOf(violation, clockOf(guarded.scheduler), (error) => {
          subscriber.error(error);
        });
        verdict = { kind: 'reaping', ending };
        watching.unsubscribe();
        if (!listeners.abort(violation)) {
          verdict = { kind: 'killed' };
          kill$.next();
          ending.gone();
        }
        // The work is ended first: a listener may take its time.
        listeners.onViolation(violation);
        ending.told();
      };

      subscriber.add(watching);
      subscriber.add(() => {
        kill$.next();
      });
      watchSafeguards(safeguards, guarded, watching, {
        onViolation: (violation) => {
          if (verdict.kind !== 'open') return;
          if (violation.action === 'abort') end(violation);
          else listeners.onViolation(violation);
        },
        onSafeguardError: listeners.onSafeguardError,
      });
      if (verdict.kind === 'killed' || subscriber.closed) return;

      source$.pipe(takeUntil(kill$)).subscribe({
        next: (value) => {
          if (verdict.kind === 'open') {
            verdict = { kind: 'answered' };
            watching.unsubscribe();
          }
          if (verdict.kind === 'answered') subscriber.next(value);
          else if (verdict.kind === 'reaping') verdict.ending.gone();
        },
        error: (error: unknown) => {
          watching.unsubscribe();
          if (verdict.kind === 'reaping') verdict.ending.gone(error);
          else if (verdict.kind !== 'killed') subscriber.error(error);
        },
        complete: () => {
          watching.unsubscribe();
          if (verdict.kind === 'reaping') verdict.ending.gone();
          else if (verdict.kind !== 'killed') subscriber.complete();
        },
      });
    });
}

function assertSafeguards(safeguards: unknown): void {
  if (!Array.isArray(safeguards))
    throw new ConfigurationError(
      `guard(safeguards) must get an array of safeguards, but ${told(safeguards)} came: guard([maxTime(10_000)]).`,
    );
  for (const [index, safeguard] of safeguards.entries())
    if (typeof safeguard !== 'function')
      throw new ConfigurationError(
        `guard(safeguards): "safeguards[${index}]" must be a safeguard, a function of the guarded evaluation, but ${told(safeguard)} came.`,
      );
}
