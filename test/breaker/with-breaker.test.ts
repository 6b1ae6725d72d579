import {
  EMPTY,
  NEVER,
  Observable,
  Subject,
  catchError,
  concat,
  defer,
  map,
  mergeMap,
  of,
  repeat,
  take,
  tap,
  throwError,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { CallNotPermittedError, CircuitBreaker, withBreaker } from '../../src/breaker/index.ts';
import { clockOf } from '../../src/clock/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { call } from './calls.ts';

function marbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  }).run(run);
}

/** Half-open with its one place free, so that a permit that is not given back shows. */
async function halfOpenBreaker(): Promise<CircuitBreaker> {
  const clock = new VirtualClock();
  const breaker = new CircuitBreaker({ clock });
  call(breaker, 'xxx');
  await clock.advance(60_000);
  call(breaker, '-');
  return breaker;
}

describe('withBreaker', () => {
  it.each([
    { source: '-----', what: 'never', bufferedCalls: 0, failedCalls: 0 },
    { source: '--|  ', what: 'empty', bufferedCalls: 0, failedCalls: 0 },
    { source: '--a|  ', what: 'one value', bufferedCalls: 1, failedCalls: 0 },
    { source: '(a|)  ', what: 'one value at once', bufferedCalls: 1, failedCalls: 0 },
    { source: '-a-b-c-|', what: 'many values', bufferedCalls: 1, failedCalls: 0 },
    { source: '-a-b---', what: 'values without an end', bufferedCalls: 0, failedCalls: 0 },
    { source: '--#', what: 'an error', bufferedCalls: 1, failedCalls: 1 },
    { source: '#', what: 'an error at once', bufferedCalls: 1, failedCalls: 1 },
    { source: '-a-#', what: 'an error after a value', bufferedCalls: 1, failedCalls: 1 },
  ])('passes $what on and counts $bufferedCalls, $failedCalls failed', ({ source, bufferedCalls, failedCalls }) => {
    const breaker = new CircuitBreaker();

    marbles(({ cold, expectObservable }) => {
      expectObservable(cold(source).pipe(withBreaker(breaker))).toBe(source);
    });

    expect(breaker.metrics).toMatchObject({ bufferedCalls, failedCalls });
  });

  it('ends the source when it is unsubscribed from, and counts nothing', () => {
    const breaker = new CircuitBreaker();

    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a--b--|');
      expectObservable(source.pipe(withBreaker(breaker)), '---!').toBe('-a--');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });

    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('never subscribes to the source while open, and tells when to try again', () => {
    const scheduler = new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });
    const breaker = new CircuitBreaker({
      name: 'vs-random',
      clock: clockOf(scheduler),
      waitDurationInOpenStateMs: 10,
      minimumNumberOfCalls: 1,
    });

    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a|');
      const requests = cold('x---s----s----s', { x: cold('--#'), s: source });
      const results = requests.pipe(
        mergeMap((request) =>
          request.pipe(
            withBreaker(breaker),
            catchError((error: unknown) => of(error instanceof CallNotPermittedError ? error.retryAfterMs : 'failed')),
          ),
        ),
      );
      expectObservable(results).toBe('--f-p----q-----a', { f: 'failed', p: 8, q: 3, a: 'a' });
      expectSubscriptions(source.subscriptions).toBe('--------------^-!');
    });

    expect(breaker.state).toBe('closed');
  });

  it('asks the breaker at each subscription, not when it is built', () => {
    const breaker = new CircuitBreaker({ minimumNumberOfCalls: 1 });
    const errors: unknown[] = [];
    const guarded = defer(() => {
      throw new Error('boom');
    }).pipe(withBreaker(breaker));

    guarded.subscribe({ error: (error: unknown) => errors.push(error) });
    guarded.subscribe({ error: (error: unknown) => errors.push(error) });

    expect(errors).toEqual([new Error('boom'), expect.any(CallNotPermittedError)]);
  });

  it('counts a source that throws while it is subscribed to', () => {
    const breaker = new CircuitBreaker();
    const errors: unknown[] = [];

    new Observable(() => {
      throw new Error('boom');
    })
      .pipe(withBreaker(breaker))
      .subscribe({ error: (error: unknown) => errors.push(error) });

    expect(errors).toEqual([new Error('boom')]);
    expect(breaker.metrics.failedCalls).toBe(1);
  });

  it('tells the breaker its verdict before downstream hears', () => {
    const breaker = new CircuitBreaker({ minimumNumberOfCalls: 1 });
    const heard: unknown[] = [];

    of('value')
      .pipe(withBreaker(breaker))
      .subscribe({ complete: () => heard.push(breaker.metrics.bufferedCalls) });
    defer(() => {
      throw new Error('boom');
    })
      .pipe(withBreaker(breaker))
      .subscribe({ error: () => heard.push(breaker.state) });

    expect(heard).toEqual([1, 'open']);
  });

  it.each([
    { end: 'a completion without a value', source: EMPTY, take: 1 },
    { end: 'an unsubscription before a verdict', source: concat(of(1), NEVER), take: 1 },
  ])('gives the permit back after the source is torn down, at $end', async ({ source }) => {
    const breaker = await halfOpenBreaker();
    const freeAtTeardown: boolean[] = [];
    const told = new Observable<unknown>((subscriber) => {
      const subscription = source.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        freeAtTeardown.push(breaker.wouldPermit());
      };
    });

    told.pipe(withBreaker(breaker), take(1)).subscribe();

    expect(freeAtTeardown).toEqual([false]);
    expect(breaker.wouldPermit()).toBe(true);
    expect(breaker.state).toBe('half-open');
  });

  it('has given the permit back when the next one of a concat, or a repeat, begins', async () => {
    const breaker = await halfOpenBreaker();
    const empty = EMPTY.pipe(withBreaker(breaker));
    const heard: unknown[] = [];

    concat(empty.pipe(repeat(3)), empty, of('played').pipe(withBreaker(breaker))).subscribe((value) =>
      heard.push(value),
    );

    expect(heard).toEqual(['played']);
    expect(breaker.state).toBe('closed');
  });

  it('counts a take(1) above it as a success, and one below it as nothing', () => {
    const above = new CircuitBreaker();
    const below = new CircuitBreaker();
    const source = concat(of('value'), NEVER);

    source.pipe(take(1), withBreaker(above)).subscribe();
    source.pipe(withBreaker(below), take(1)).subscribe();

    expect(above.metrics.bufferedCalls).toBe(1);
    expect(below.metrics.bufferedCalls).toBe(0);
  });

  it('lets a take(1) below it end a synchronous endless source', async () => {
    const breaker = await halfOpenBreaker();
    let emitted = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed && emitted < 1000) subscriber.next(emitted++);
    });

    endless.pipe(withBreaker(breaker), take(1)).subscribe();

    expect(emitted).toBe(1);
    expect(breaker.wouldPermit()).toBe(true);
  });

  it('counts nothing of a call in whose midst the state was changed from downstream', () => {
    const breaker = new CircuitBreaker();
    const source = new Subject<string>();
    source
      .pipe(
        withBreaker(breaker),
        tap(() => {
          breaker.metricsOnly();
        }),
      )
      .subscribe();

    source.next('value');
    source.complete();

    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('admits a second subscription made from within the first', () => {
    const breaker = new CircuitBreaker();
    const one = of('value').pipe(withBreaker(breaker));
    const heard: string[] = [];

    one.pipe(mergeMap((outer) => one.pipe(map((inner) => [outer, inner])))).subscribe((both) => heard.push(...both));

    expect(heard).toEqual(['value', 'value']);
    expect(breaker.metrics.bufferedCalls).toBe(2);
  });

  it('gives the permit back when a listener of the opening unsubscribes it', () => {
    const breaker = new CircuitBreaker({ minimumNumberOfCalls: 1 });
    const source = new Subject<string>();
    const errors: unknown[] = [];
    const subscription = source.pipe(withBreaker(breaker)).subscribe({ error: (error: unknown) => errors.push(error) });
    breaker.transitions$.subscribe(() => {
      subscription.unsubscribe();
    });

    source.error(new Error('boom'));

    expect(breaker.state).toBe('open');
    expect(errors).toEqual([]);
    expect(source.observed).toBe(false);
  });

  it('counts what its option says, where the breaker has no recordFailure of its own', () => {
    const offline = new Error('offline');
    const states = (breaker: CircuitBreaker) => {
      const through = withBreaker<never>(breaker, { recordFailure: (error) => error !== offline });
      return [offline, new Error('bug')].map((error) => {
        throwError(() => error)
          .pipe(through)
          .subscribe({ error: () => undefined });
        return breaker.state;
      });
    };

    expect(states(new CircuitBreaker({ minimumNumberOfCalls: 1 }))).toEqual(['closed', 'open']);
    expect(states(new CircuitBreaker({ minimumNumberOfCalls: 1, recordFailure: () => false }))).toEqual([
      'closed',
      'closed',
    ]);
    expect(states(new CircuitBreaker({ minimumNumberOfCalls: 2, recordFailure: () => true }))).toEqual([
      'closed',
      'open',
    ]);
  });

  // They failed at the first subscription, or were taken for options that say nothing.
  it.each([
    [undefined, undefined, 'withBreaker(breaker) takes a CircuitBreaker, but undefined came'],
    [{ name: 'games' }, undefined, 'withBreaker(breaker) takes a CircuitBreaker, but an object came'],
    [new CircuitBreaker(), null, 'The options of withBreaker must be an object, but null came'],
    [
      new CircuitBreaker(),
      { recordFailures: () => true },
      'unknown key "recordFailures": did you mean "recordFailure"?',
    ],
    [new CircuitBreaker(), { recordFailure: true }, '"recordFailure" must be a function of an error'],
  ])('refuses %o with the options %o', (breaker, options, sentence) => {
    expect(() => withBreaker(breaker as CircuitBreaker, options as never)).toThrow(sentence);
  });
});
