import {
  combineLatest,
  concat,
  finalize,
  firstValueFrom,
  ignoreElements,
  map,
  merge,
  NEVER,
  Observable,
  of,
  share,
  Subject,
  Subscription,
  switchMap,
  tap,
  timer,
  zip,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contain, ContainedEvents } from '../../src/callbacks/index.ts';

const boom = new Error('boom');
const raise = (): never => {
  throw boom;
};

/** Errors that RxJS reports come a turn of the loop later: none may. */
const uncaught = vi.fn();
beforeEach(() => {
  uncaught.mockClear();
  process.on('uncaughtException', uncaught);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve));
  process.off('uncaughtException', uncaught);
  expect(uncaught).not.toHaveBeenCalled();
});

function setUp() {
  const errors: unknown[] = [];
  const subscriptions = new Subscription();
  const containment = { onError: (error: unknown) => void errors.push(error), subscriptions };
  return { errors, subscriptions, containment, events: new ContainedEvents<number>(containment) };
}

describe('ContainedEvents', () => {
  it('delivers to every subscriber, in order, and completes', () => {
    const { events, errors } = setUp();
    const told: unknown[] = [];
    events.events$.subscribe((value) => told.push(['a', value]));
    events.events$.subscribe({ next: (value) => told.push(['b', value]), complete: () => told.push('complete') });

    events.next(1);
    events.next(2);
    events.complete();
    events.next(3);

    expect(told).toEqual([['a', 1], ['b', 1], ['a', 2], ['b', 2], 'complete']);
    expect(errors).toEqual([]);
  });

  it.each<[string, (source$: Observable<number>) => void]>([
    ['a function', (source$) => source$.subscribe(raise)],
    ['an observer', (source$) => source$.subscribe({ next: raise })],
    ['one behind an operator', (source$) => source$.pipe(map((value) => value + 1)).subscribe(raise)],
    [
      'one behind several operators',
      (source$) =>
        source$
          .pipe(
            map((value) => value),
            share(),
            tap(() => undefined),
          )
          .subscribe(raise),
    ],
    ['an operator, with nobody to take the error', (source$) => source$.pipe(map(raise)).subscribe()],
    ['an error handler', (source$) => source$.pipe(map(raise)).subscribe({ error: raise })],
    [
      'an operator behind an Observable that hands the events on',
      (source$) => {
        const handedOn$ = new Observable((subscriber) => source$.subscribe(subscriber));
        handedOn$.pipe(map(raise)).subscribe({ error: takeBoom });
      },
    ],
  ])('keeps what is thrown in %s', (_, subscribe) => {
    const { events, errors } = setUp();
    const others: number[] = [];
    subscribe(events.events$);
    events.events$.subscribe((value) => others.push(value));

    events.next(1);

    expect(errors.length).toBeLessThanOrEqual(1);
    for (const error of errors) expect(error).toBe(boom);
    expect(others).toEqual([1]);
  });

  it.each<[string, (source$: Observable<number>) => Observable<unknown>]>([
    ['merge', (source$) => merge(source$, NEVER)],
    ['combineLatest', (source$) => combineLatest([source$, of(1)])],
    ['concat', (source$) => concat(of(0).pipe(ignoreElements()), source$)],
    [
      'zip, with operators around',
      (source$) => zip(source$.pipe(map((value) => String(value))), merge(of(1), NEVER)).pipe(tap(() => undefined)),
    ],
    ['switchMap of another stream', (source$) => of(1).pipe(switchMap(() => source$))],
  ])('keeps what is thrown behind %s, and owns the whole chain', (_, combine) => {
    const { events, errors, subscriptions } = setUp();
    const torndown = vi.fn();
    combine(events.events$).pipe(finalize(torndown)).subscribe(raise);

    events.next(1);
    expect(errors).toEqual([boom]);
    expect(torndown).not.toHaveBeenCalled();
    subscriptions.unsubscribe();
    expect(torndown).toHaveBeenCalledOnce();
  });

  it('leaves the completion of such a chain to itself', () => {
    const { events, errors } = setUp();
    const complete = vi.fn();
    merge(events.events$, of(1)).subscribe({ complete });
    events.complete();
    expect(complete).toHaveBeenCalledOnce();
    expect(errors).toEqual([]);
  });

  it('tells the error of a throwing subscriber at each event, until somebody ends it', () => {
    const { events, errors, subscriptions } = setUp();
    events.events$.subscribe(raise);

    events.next(1);
    events.next(2);
    subscriptions.unsubscribe();
    events.next(3);

    expect(errors).toEqual([boom, boom]);
  });

  it('keeps what is thrown at the completion', () => {
    const { events, errors } = setUp();
    events.events$.subscribe({ complete: raise });
    events.complete();
    expect(errors).toEqual([boom]);
  });

  it('keeps what a finalizer throws', () => {
    const { events, errors } = setUp();
    events.events$.subscribe().add(raise);
    events.complete();
    expect(errors).toHaveLength(1);
  });

  it('leaves an error alone that its subscriber takes', () => {
    const { events, errors } = setUp();
    const taken: unknown[] = [];
    events.events$.pipe(map(raise)).subscribe({ error: (error: unknown) => taken.push(error) });
    events.next(1);
    expect(taken).toEqual([boom]);
    expect(errors).toEqual([]);
  });

  it('ends every chain when the subscriptions are ended, silently, and gives later ones nothing', () => {
    const { events, subscriptions } = setUp();
    const told: unknown[] = [];
    const torndown = vi.fn();
    const observer = (name: string) => ({ next: () => told.push(name), complete: () => told.push(`${name} complete`) });
    events.events$
      .pipe(map((value) => value))
      .subscribe(observer('chain'))
      .add(torndown);

    subscriptions.unsubscribe();
    events.next(1);
    events.events$.subscribe(observer('late'));
    events.next(2);

    expect(torndown).toHaveBeenCalledOnce();
    expect(told).toEqual(['late complete']);
  });

  it('delivers an event to those who were there when its delivery began', () => {
    const { events } = setUp();
    const told: string[] = [];
    const first = events.events$.subscribe(() => {
      told.push('first');
      first.unsubscribe();
      // eslint-disable-next-line rxjs-x/no-nested-subscribe -- this is what is tried
      events.events$.subscribe(() => told.push('late'));
    });
    events.events$.subscribe(() => told.push('second'));

    events.next(1);
    expect(told).toEqual(['first', 'second']);
    events.next(2);
    expect(told).toEqual(['first', 'second', 'second', 'late']);
  });

  it('takes part in what RxJS makes of several streams and of promises', async () => {
    const { events } = setUp();
    const merged: number[] = [];
    merge(events.events$, timer(1_000_000))
      .subscribe((value) => merged.push(value))
      .add(() => undefined);
    const first = firstValueFrom(events.events$);
    events.next(5);
    expect(merged).toEqual([5]);
    await expect(first).resolves.toBe(5);
  });
});

describe('contain', () => {
  it('contains the subscribers of another stream, and hands its values and its end through', () => {
    const { containment, errors } = setUp();
    const source = new Subject<number>();
    const told: unknown[] = [];
    const contained$ = contain(source, containment);
    contained$.subscribe(raise);
    contained$.subscribe({ next: (value) => told.push(value), complete: () => told.push('complete') });

    source.next(1);
    source.complete();

    expect(errors).toEqual([boom]);
    expect(told).toEqual([1, 'complete']);
  });

  it('leaves nothing at the source once it has ended', () => {
    const { containment, subscriptions } = setUp();
    const source = new Subject<number>();
    contain(source, containment)
      .pipe(map((value) => value))
      .subscribe();
    expect(source.observed).toBe(true);
    subscriptions.unsubscribe();
    expect(source.observed).toBe(false);
  });
});

/** An error handler that takes what comes. */
function takeBoom(error: unknown): void {
  expect(error).toBe(boom);
}
