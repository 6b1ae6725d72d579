import type { CircuitBreaker, CircuitBreakerOptions } from '../breaker/index.ts';
import type { Executor } from '../executors/index.ts';
import type { Trigger } from '../operators/index.ts';
import type { Safeguard, SlaInput } from '../sla/index.ts';
import type { Overlap } from './admission.ts';
import type { EvaluationSubject } from './evaluation-subject.ts';

/** What an evaluation's `input` is made from: its subject, and whether it is asked for again after a lost host. */
export interface EvaluationRequest extends EvaluationSubject {
  readonly resumed: boolean;
}

/** Any evaluator's function: what an evaluator module exports as its default. */
export type AnyEvaluator = (input: never, context: never) => unknown;

/** The input of an evaluator: `InputOf<typeof import('./evaluate.js').default>`. */
export type InputOf<E> = E extends (input: infer I, context: never) => unknown ? I : never;

/** What an evaluator results in, awaited. */
export type ResultOf<E> = E extends (...args: never) => infer O ? Awaited<O> : never;

/** What becomes of a lost evaluation. */
export type OnResume = 'request' | 'cancel';

/** When to evaluate: one of the two. */
type When =
  | {
      /** After every so many epochs: a whole number from 1 on. */
      readonly every: number;
      readonly when?: undefined;
    }
  | {
      /** Any operator over the run's events: each of its emissions asks for one evaluation. */
      readonly when: Trigger;
      readonly every?: undefined;
    };

/** What runs it: one of the two. */
type Where<I, O> =
  | {
      /** The evaluator's module, a `file:` URL: each evaluation runs in a process of its own. */
      readonly module: URL | string;
      readonly executor?: undefined;
    }
  | { readonly executor: Executor<I, O>; readonly module?: never };

/** What `input` must be there for: an evaluator that takes less than the {@link EvaluationRequest} needs none. */
type Input<I> = EvaluationRequest extends I
  ? {
      /** Makes the evaluator's input, at the request, at once; without it the input is the {@link EvaluationRequest}. */
      readonly input?: (request: EvaluationRequest) => I;
    }
  : {
      /** Makes the evaluator's input, at the request, at once. Live arrays are copied by Pitwall. */
      readonly input: (request: EvaluationRequest) => I;
    };

/** Options of `evaluation`. */
export type EvaluationOptions<I, O> = When &
  Where<I, O> &
  Input<I> & {
    /** Names it in every event; each evaluation of a run has its own. */
    readonly name: string;
    /** What becomes of a request that comes while one runs; `latest` by default: the newest waits, in one slot. */
    readonly overlap?: Overlap | undefined;
    /** What each evaluation may take; what is not written has its default, and `false` switches all of it off. */
    readonly sla?: SlaInput | false | undefined;
    /** More rules, of your own, beside the SLA. */
    readonly safeguards?: readonly Safeguard[] | undefined;
    /** A breaker of your own, or the options of one; `false` switches it off. On by default. */
    readonly breaker?: CircuitBreaker | Partial<CircuitBreakerOptions> | false | undefined;
    /** One more at `training:end`, unless that very epoch was evaluated already; `false` by default. */
    readonly atEnd?: boolean | undefined;
    /**
     * What becomes of an evaluation that was in flight when the process of its run was gone, once the run goes on: it is asked for again
     * where its checkpoint file is still there (`request`, the default), or not (`cancel`). It ends as `cancelled` in either case.
     */
    readonly onResume?: OnResume | undefined;
    /** How long its code has after it was asked to stop, before the kill, in ms; 100 by default. */
    readonly graceMs?: number | undefined;
    /** The largest result, in MB of 2^20 bytes; 256 by default. */
    readonly maxResultMb?: number | undefined;
    /** An error of the callback itself fails the run; that an evaluation fails never does. `false` by default. */
    readonly critical?: boolean | undefined;
  };
