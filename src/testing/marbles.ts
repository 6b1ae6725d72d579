import { defer, map } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { clockOf, type Clock } from '../clock/index.ts';
import { isThenable } from '../callbacks/index.ts';
import { ConfigurationError } from '../errors/index.ts';
import type { GuardedEvaluation, Safeguard } from '../sla/index.ts';
import { assertViolations, drawnViolations, type ViolationsExpectation } from './expect-violations.ts';
import { assertMarbles, type AssertEqual } from './marble-difference.ts';
import { evaluationIn, executorIn, type DrawEvaluation, type DrawExecutor } from './marble-evaluation.ts';
import { epochsIn, runIn, stepsIn, type DrawEpochs, type DrawRun, type DrawSteps } from './marble-run.ts';
import type { SubscriptionLogs } from './marble-stream.ts';
import {
  itemsIn,
  progressIn,
  samplesIn,
  type DrawItems,
  type DrawProgress,
  type DrawSamples,
} from './marble-telemetry.ts';
import { recorded } from './recorded.ts';
import { nameOf, wholeViolation } from './whole-violation.ts';

/** What a marble test is written with: RxJS's own helpers, and those that know runs, evaluations and safeguards. */
export interface MarbleHelpers extends Omit<RunHelpers, 'expectSubscriptions'> {
  /** The test's only time. One frame is 1 ms. */
  readonly scheduler: TestScheduler;
  /** The same time, for what takes a clock. */
  readonly clock: Clock;
  readonly run: DrawRun;
  readonly epochs: DrawEpochs;
  readonly steps: DrawSteps;
  readonly samples: DrawSamples;
  readonly progress: DrawProgress;
  readonly items: DrawItems;
  readonly evaluation: DrawEvaluation;
  readonly executor: DrawExecutor;
  /**
   * Watches what a safeguard tells of an evaluation of which only the given is known.
   *
   * @param subscription when it is subscribed to and left (`'^---!'`); without it for the whole test
   */
  readonly expectViolations: (
    safeguard: Safeguard,
    guarded?: Partial<GuardedEvaluation>,
    subscription?: string,
  ) => ViolationsExpectation;
  /** When something was subscribed to and left, the stream or executor itself or its log: `'^---!'` is a kill at 4 ms. */
  readonly expectSubscriptions: (of: SubscriptionLogs | { readonly subscriptions: SubscriptionLogs }) => {
    toBe(marbles: string | string[]): void;
  };
}

/**
 * Runs a marble test: RxJS's TestScheduler, which knows our vocabulary. All of it happens at once, in virtual time, before this
 * returns; what is drawn is in frames of 1 ms, and `30s` in a drawing is 30 seconds.
 *
 * The scheduler is the only time: RxJS's own operators take it by themselves, ours as their `scheduler`, and a safeguard has it
 * as `guarded.scheduler`. An expectation without its `toBe` is an error, so that no test passes because it says nothing.
 *
 * @param body draws what goes in and what is expected; synchronous
 * @param options `assertEqual`: how two recordings are compared, as `(actual, expected) => expect(actual).toEqual(expected)`; by
 * default strictly, told as two drawings
 * @throws {AssertionError} of node:assert when what happened is not what was drawn; {@link ConfigurationError} for a body that is
 * async, a marble without a value, a field that no evaluation has, or an expectation without its `toBe`; what `body` throws.
 *
 * @example
 * it('ends what holds more than 5 MB', () => {
 *   marbles(({ samples, expectViolations }) => {
 *     const guarded = { samples$: samples('           -3-6-n-7-4-8-|') };
 *     expectViolations(maxMemory(5), guarded).toBe('  ---v-------v-|', { v: { rule: 'memoryMb' } });
 *   });
 * });
 */
export function marbles(
  body: (helpers: MarbleHelpers) => void,
  { assertEqual = assertMarbles }: { readonly assertEqual?: AssertEqual } = {},
): void {
  const open = new Set<string>();
  const comparisons: (() => void)[] = [];
  let count = 0;
  /** Until its `toBe` is called, an expectation is open. */
  const expecting = (what: string): (() => void) => {
    const name = `${what} (the ${++count}. expectation)`;
    open.add(name);
    return () => open.delete(name);
  };
  const scheduler = new TestScheduler((actual, expected) => {
    assertEqual(actual, expected);
  });

  scheduler.run((helpers) => {
    const { hot, cold } = helpers;
    const evaluation = evaluationIn(scheduler);
    const drawing: (helpers: MarbleHelpers) => unknown = body;
    const returned = drawing({
      ...helpers,
      scheduler,
      clock: clockOf(scheduler),
      run: runIn(hot),
      epochs: epochsIn(hot),
      steps: stepsIn(hot),
      samples: samplesIn(hot),
      progress: progressIn(hot),
      items: itemsIn(hot),
      evaluation,
      executor: executorIn(cold),
      expectObservable: (observable, subscription) => {
        const expectation = helpers.expectObservable(observable, subscription);
        const said = expecting('expectObservable');
        return {
          toBe: (...drawn) => {
            said();
            expectation.toBe(...drawn);
          },
          toEqual: (other) => {
            said();
            expectation.toEqual(other);
          },
        };
      },
      expectSubscriptions: (of) => {
        const expectation = helpers.expectSubscriptions('subscriptions' in of ? of.subscriptions : of);
        const said = expecting('expectSubscriptions');
        return {
          toBe: (drawn) => {
            said();
            expectation.toBe(drawn);
          },
        };
      },
      expectViolations: (safeguard, guarded, subscription) => {
        const whole = evaluation(guarded);
        const violations$ = defer(() => safeguard(whole)).pipe(
          map((emitted) => wholeViolation(emitted, whole, safeguard)),
        );
        const messages = recorded(violations$, scheduler, subscription ?? '^');
        const said = expecting('expectViolations');
        return {
          toBe: (marbles, values = {}, error) => {
            said();
            const drawn = drawnViolations(marbles, values, error);
            comparisons.push(() => {
              assertViolations(messages, drawn, nameOf(safeguard));
            });
          },
        };
      },
    });
    if (isThenable(returned)) {
      Promise.resolve(returned).catch(() => undefined); // what it rejects with later is told by this error already
      throw new ConfigurationError(asyncBody);
    }
    const [silent] = open;
    if (silent !== undefined)
      throw new ConfigurationError(`${silent} says nothing without its drawing: add .toBe('---v--|').`);
  });
  for (const compare of comparisons) compare();
}

const asyncBody =
  'marbles(body) must get a synchronous function, but it returned a promise: its time passes at once, so there is nothing to await. For what awaits there is VirtualClock.';
