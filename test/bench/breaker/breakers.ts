import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import { CallNotPermittedError, CircuitBreaker, withBreaker } from 'pitwall';
import { defer, firstValueFrom, from } from 'rxjs';
import type { Contender } from '../rounds.ts';

/** A call that does nothing: all that is told is what is around it. */
const call = (): Promise<number> => Promise.resolve(1);
const failing = (): Promise<never> => Promise.reject(new Error('down'));

/** Calls through a breaker of ours as by hand: `execute` is quicker where the call is not admitted. */
export async function throughPermit(breaker: CircuitBreaker, work: () => Promise<number>): Promise<number> {
  const permit = breaker.tryAcquire();
  if (permit === undefined) throw new CallNotPermittedError(breaker.name, breaker.retryAfterMs);
  try {
    const value = await work();
    permit.success();
    return value;
  } catch (error) {
    permit.failure(error);
    throw error;
  }
}

function repeated(name: string, once: () => Promise<unknown>): Contender {
  return {
    name,
    run: async (times) => {
      for (let count = 0; count < times; count++) await once();
    },
  };
}

/** The call around which nothing is. It goes through the same loop as the others, so that the loop falls out of the ratio. */
export const bare = repeated('a bare async call', call);

/** What an async function around a call costs by itself: no breaker that is written as one can be below. */
async function tried(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    throw error as Error;
  }
}

/** Every breaker with its defaults, closed. */
export function admitting(): readonly Contender[] {
  const ours = new CircuitBreaker();
  const slow = new CircuitBreaker({ slowCallDurationMs: 60_000, slowCallRateThreshold: 50 });
  const byHand = new CircuitBreaker();
  const operated = new CircuitBreaker();
  const cockatiel = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(5) });
  const opossum = new Opossum(call);
  return [
    repeated('an async function with a try and no breaker', () => tried(call)),
    repeated('pitwall', () => ours.execute(call)),
    repeated('pitwall, slow calls timed', () => slow.execute(call)),
    repeated('pitwall, tryAcquire() and a permit', () => throughPermit(byHand, call)),
    repeated('pitwall, withBreaker and firstValueFrom', () =>
      firstValueFrom(defer(() => from(call())).pipe(withBreaker(operated))),
    ),
    repeated('cockatiel', () => cockatiel.execute(call)),
    {
      ...repeated('opossum', () => opossum.fire()),
      end: () => {
        opossum.shutdown();
      },
    },
  ];
}

// eslint-disable-next-line @typescript-eslint/require-await -- the throw of an async function is what is measured
async function thrown(error: Error): Promise<never> {
  throw error;
}

/** Every breaker, open for an hour. */
export async function rejecting(): Promise<readonly Contender[]> {
  const ours = new CircuitBreaker({ waitDurationInOpenStateMs: 3_600_000 });
  const cockatiel = circuitBreaker(handleAll, { halfOpenAfter: 3_600_000, breaker: new ConsecutiveBreaker(3) });
  const opossum = new Opossum(failing, { resetTimeout: 3_600_000 });
  for (let failure = 0; failure < 3; failure++) {
    await ours.execute(failing).catch(() => undefined);
    await cockatiel.execute(failing).catch(() => undefined);
    await opossum.fire().catch(() => undefined);
  }
  const refused = (name: string, once: () => Promise<unknown>): Contender => {
    let came = 0;
    const contender = repeated(name, () => once().catch(() => came++));
    return {
      ...contender,
      run: async (times) => {
        came = 0;
        await contender.run(times);
        if (came !== times) throw new Error(`${name} refused ${came} of ${times} calls.`);
      },
    };
  };
  const made = new Error('made before');
  return [
    // What the runtime takes for a throw that is awaited: nothing that throws in an async function can be below.
    refused('an async function that throws an error made before', () => thrown(made)),
    refused('pitwall', () => ours.execute(call)),
    refused('pitwall, tryAcquire() and a throw', () => throughPermit(ours, call)),
    refused('cockatiel', () => cockatiel.execute(call)),
    {
      ...refused('opossum', () => opossum.fire()),
      end: () => {
        opossum.shutdown();
      },
    },
  ];
}
