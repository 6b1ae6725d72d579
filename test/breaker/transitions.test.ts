import { config, map, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker, type BreakerTransition } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { call } from './calls.ts';

describe('transitions$', () => {
  it('tells each change with a reason and its wall-clock moment', async () => {
    const clock = new VirtualClock({ wallMs: 1_000_000 });
    const breaker = new CircuitBreaker({ clock });
    const heard: BreakerTransition[] = [];
    breaker.transitions$.subscribe((transition) => heard.push(transition));

    call(breaker, 'x.x');
    await clock.advance(60_000);
    call(breaker, '.');
    breaker.forceOpen();

    expect(heard).toEqual([
      { from: 'closed', to: 'open', reason: '2 of 3 calls failed, the threshold is 50%', at: 1_000_000 },
      { from: 'open', to: 'half-open', reason: 'the wait of 60000 ms is over', at: 1_060_000 },
      { from: 'half-open', to: 'closed', reason: 'in half-open 0 of 1 calls failed', at: 1_060_000 },
      { from: 'closed', to: 'forced-open', reason: 'forceOpen() was called', at: 1_060_000 },
    ]);
  });

  it('reaches every listener in order when a listener makes another change', () => {
    const breaker = new CircuitBreaker();
    const heard = { before: [] as string[], after: [] as string[], states: [] as string[] };
    breaker.transitions$.subscribe(({ to }) => heard.before.push(to));
    breaker.transitions$.subscribe(({ to }) => {
      if (to === 'open') breaker.reset();
      if (to === 'closed') breaker.disable();
    });
    breaker.transitions$.subscribe(({ to }) => heard.after.push(to));
    breaker.state$.subscribe((state) => heard.states.push(state));

    call(breaker, 'xxx');

    expect(heard.before).toEqual(['open', 'closed', 'disabled']);
    expect(heard.after).toEqual(['open', 'closed', 'disabled']);
    expect(heard.states).toEqual(['closed', 'open', 'closed', 'disabled']);
    expect(breaker.state).toBe('disabled');
  });

  it('has changed the state before a listener hears of it', () => {
    const breaker = new CircuitBreaker();
    const seen: string[] = [];
    breaker.transitions$.subscribe(({ to }) =>
      seen.push(`${to}: ${breaker.state}, ${breaker.tryAcquire() === undefined}`),
    );

    call(breaker, 'xxx');

    expect(seen).toEqual(['open: open, true']);
  });

  it('does not tell a listener what was before its subscription, though it waits to be delivered', () => {
    const breaker = new CircuitBreaker();
    const late: string[] = [];
    const lateStates: string[] = [];
    const listenLate = () => {
      breaker.transitions$.subscribe(({ to }) => late.push(to));
      breaker.state$.subscribe((state) => lateStates.push(state));
    };
    breaker.transitions$.pipe(take(1)).subscribe(() => {
      breaker.disable();
      listenLate();
    });

    breaker.forceOpen();
    breaker.reset();

    expect(late).toEqual(['closed']);
    expect(lateStates).toEqual(['disabled', 'closed']);
  });
});

describe('state$', () => {
  it('gives the present state, then each change once', () => {
    const breaker = new CircuitBreaker();
    breaker.disable();
    const states: string[] = [];
    breaker.state$.subscribe((state) => states.push(state));

    breaker.disable();
    breaker.reset();
    breaker.reset();

    expect(states).toEqual(['disabled', 'closed']);
  });

  it('loses nothing that a listener changes when it hears the present state', () => {
    const breaker = new CircuitBreaker();
    const states: string[] = [];
    breaker.state$.subscribe((state) => {
      if (state === 'closed') breaker.forceOpen();
      states.push(state);
    });

    expect(states).toEqual(['closed', 'forced-open']);
  });
});

describe('a throwing listener', () => {
  const reported: unknown[] = [];

  beforeEach(() => {
    reported.length = 0;
    config.onUnhandledError = (error) => reported.push(error);
  });
  afterEach(() => {
    config.onUnhandledError = null;
  });

  it('is reported by RxJS, and changes no verdict and no other listener', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    const states: string[] = [];
    breaker.transitions$.subscribe(({ to }) => {
      throw new Error(`on ${to}`);
    });
    breaker.transitions$
      .pipe(
        map(() => {
          throw new Error('in an operator');
        }),
      )
      .subscribe({ error: () => undefined });
    breaker.state$.subscribe((state) => states.push(state));

    expect(() => {
      call(breaker, 'xxx');
    }).not.toThrow();
    await clock.advance(60_000);
    call(breaker, '.');

    expect(states).toEqual(['closed', 'open', 'half-open', 'closed']);
    await macrotask(); // RxJS reports in a later one
    expect(reported).toEqual([new Error('on open'), new Error('on half-open'), new Error('on closed')]);
  });
});

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
