import { Observable } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions, told } from '../errors/index.ts';
import { clockOfFake, type FakeTime } from './fake-time.ts';

/** One answer of a fake probe that takes its time, fails, or never comes. */
export type SlowAnswer<T> =
  | { readonly afterMs: number; readonly value: T | null | undefined }
  | { readonly afterMs: number; readonly error: unknown }
  | { readonly never: true };

/** What a fake probe gives when it is asked: a value or `null` at once, an `Error` that it throws, or a {@link SlowAnswer}. */
export type ProbeAnswer<T> = T | null | undefined | Error | SlowAnswer<T>;

/** A metric as a script, for `sampledMetrics`. */
export interface FakeProbe<T> {
  (): Observable<T | null | undefined>;
  /** How often it was asked. */
  readonly asked: number;
  /** How many answers are under way. */
  readonly underWay: number;
  /** The most that were under way at once: 1 where polls do not overlap. */
  readonly mostUnderWay: number;
}

const afterMs = z.number().nonnegative().describe('milliseconds, from 0 on');

const slowSchema = z.union([
  z.strictObject({ afterMs, value: z.unknown() }),
  z.strictObject({ afterMs, error: z.unknown() }),
  z.strictObject({ never: z.literal(true) }),
]);

/**
 * Makes a probe that answers as its script says, and when that is over with `null`: it could not be measured.
 *
 *     fakeProbe([3, null, new Error('no GPU'), { afterMs: 40, value: 7 }, { never: true }], { clock })
 *
 * @param answers one for each time it is asked. An object with `afterMs` or `never` is a slow answer, any other a value
 * @param time where the slow answers take their time from; needed for those alone
 * @throws {ConfigurationError} for a slow answer that cannot be read, or that has no time to pass in.
 *
 * @example
 * marbles(({ scheduler, expectObservable }) => {
 *   const memory$ = sampledMetrics(fakeProbe([3, null, 7]), { everyMs: 2, scheduler });
 *   expectObservable(memory$, '^----!').toBe('a-n-b', { a: 3, n: null, b: 7 });
 * });
 */
export function fakeProbe<T = number>(answers: readonly ProbeAnswer<T>[], time?: FakeTime): FakeProbe<T> {
  const given: unknown = answers; // what came may be no array at all
  if (!Array.isArray(given))
    throw new ConfigurationError(
      `fakeProbe(answers) takes a list of answers, but ${told(answers)} came: fakeProbe([3, null])`,
    );
  const slow = answers.filter((answer) => isSlow(answer));
  for (const answer of slow) parseOptions(slowSchema, answer, 'A slow answer of fakeProbe');
  const clock = slow.some((answer) => 'afterMs' in answer)
    ? clockOfFake(time, 'fakeProbe(answers, time) with slow answers')
    : undefined;
  let asked = 0;
  let underWay = 0;
  let mostUnderWay = 0;

  const probe = (): Observable<T | null | undefined> => {
    const answer = asked < answers.length ? answers[asked] : null;
    asked++;
    if (answer instanceof Error) throw answer;
    return new Observable((subscriber) => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      subscriber.add(() => underWay--);
      const give = (value: T | null | undefined): void => {
        subscriber.next(value);
        subscriber.complete();
      };
      if (!isSlow(answer)) give(answer);
      else if ('afterMs' in answer)
        subscriber.add(
          clock?.setTimeout(() => {
            if ('error' in answer) subscriber.error(answer.error);
            else give(answer.value);
          }, answer.afterMs),
        );
    });
  };
  return Object.defineProperties(probe, {
    asked: { get: () => asked },
    underWay: { get: () => underWay },
    mostUnderWay: { get: () => mostUnderWay },
  }) as FakeProbe<T>;
}

function isSlow<T>(answer: ProbeAnswer<T>): answer is Extract<ProbeAnswer<T>, SlowAnswer<T>> {
  return typeof answer === 'object' && answer !== null && ('afterMs' in answer || 'never' in answer);
}
