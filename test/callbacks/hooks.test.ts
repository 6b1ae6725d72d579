import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { hooks, type Desk, type HookContext, type Hooks, type Run } from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

/** A run and a desk as hooks see them. */
function setUp(methods: Hooks & { critical?: boolean }) {
  const clock = new VirtualClock();
  const events = new Subject<RunEvent>();
  const published: EventBody[] = [];
  const reported: unknown[] = [];
  const measured: string[] = [];
  const holds: Promise<unknown>[] = [];
  const run = { events$: events.asObservable(), clock } as unknown as Run;
  const desk = {
    publish: (body: EventBody) => void published.push(body),
    report: (error: unknown) => void reported.push(error),
    measure: (event: string, work: () => unknown) => {
      measured.push(event);
      return work();
    },
    hold: (work: Promise<unknown>) => void holds.push(work),
  } as unknown as Desk;
  const connected$ = hooks('h', methods).connect(run, desk);
  const subscription = connected$!.subscribe();
  const emit = (event: object): void => {
    events.next(event as RunEvent);
  };
  return { clock, emit, published, reported, measured, holds, run, subscription };
}

/** A promise that the test settles. */
function deferred() {
  let settle = { resolve: (): void => undefined, reject: (_: unknown): void => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const step = (number: number) => ({ type: 'step', step: number });

describe('hooks', () => {
  it.each([
    [
      { onEpochEnds: () => undefined },
      'The callback "h" has an unknown hook "onEpochEnds": did you mean "onEpochEnd"?',
    ],
    [{ onBanana: () => undefined }, /unknown hook "onBanana"/],
    [{ onEpochEnd: 7 }, 'onEpochEnd of "h" must be a function, but 7 came.'],
    [{}, /The callback "h" must have at least one hook: onRunStart, onEpochStart/],
    [null, 'The hooks of "h" must be an object of methods, but null came.'],
    [{ onEpochEnd: () => undefined, best: 0 }, /unknown hook "best"/],
  ])('says in one sentence what is wrong with %o', (methods, sentence) => {
    expect(() => hooks('h', methods as never)).toThrow(sentence);
  });

  it('needs a name', () => {
    expect(() => hooks('', { onStep: () => undefined })).toThrow(/must have a name/);
  });

  it('is critical in either place', () => {
    const onStep = (): void => undefined;
    expect(hooks('h', { onStep }).critical).toBeUndefined();
    expect(hooks('h', { onStep, critical: true }).critical).toBe(true);
    expect(hooks('h', { onStep }, { critical: true }).critical).toBe(true);
  });

  it('calls each hook for its event, with the event and the run', () => {
    const calls: [string, string, unknown][] = [];
    const called =
      (name: string) =>
      (event: RunEvent, { run }: HookContext): void => {
        calls.push([name, event.type, run]);
      };
    const { emit, run } = setUp({
      onRunStart: called('onRunStart'),
      onEpochStart: called('onEpochStart'),
      onStep: called('onStep'),
      onEpochEnd: called('onEpochEnd'),
      onEvaluationEnd: called('onEvaluationEnd'),
      onViolation: called('onViolation'),
      onBreakerChange: called('onBreakerChange'),
      onRunEnd: called('onRunEnd'),
      onRunResume: called('onRunResume'),
    });

    const types =
      'run:start epoch:start step epoch:end evaluation:end sla:violation breaker:transition custom run:end run:resume';
    for (const type of types.split(' ')) emit({ type });

    expect(calls).toEqual([
      ['onRunStart', 'run:start', run],
      ['onEpochStart', 'epoch:start', run],
      ['onStep', 'step', run],
      ['onEpochEnd', 'epoch:end', run],
      ['onEvaluationEnd', 'evaluation:end', run],
      ['onViolation', 'sla:violation', run],
      ['onBreakerChange', 'breaker:transition', run],
      ['onRunEnd', 'run:end', run],
      ['onRunResume', 'run:resume', run],
    ]);
  });

  it('calls the methods of a class on their instance', () => {
    class Best {
      best = 0;
      onStep({ step }: { step: number }): void {
        this.best = Math.max(this.best, step);
      }
    }
    const best = new Best();
    const { emit } = setUp(best);
    emit(step(4));
    emit(step(2));
    expect(best.best).toBe(4);
  });

  it('rejects an unknown hook of a class, but not its own methods', () => {
    class Wrong {
      onStepp(): void {
        this.save();
      }
      onStep(): void {
        this.save();
      }
      save(): void {
        /* its own */
      }
    }
    expect(() => hooks('h', new Wrong())).toThrow('unknown hook "onStepp": did you mean "onStep"?');
  });

  it('loses a call that throws, tells it, and calls the next', () => {
    const seen: number[] = [];
    const { emit, reported } = setUp({
      onStep: (event) => {
        seen.push(event.step);
        if (event.step === 1) throw new Error('boom');
      },
    });
    emit(step(1));
    emit(step(2));
    expect(seen).toEqual([1, 2]);
    expect(reported).toEqual([new Error('boom')]);
  });

  it('makes one call at a time, in order, and measures those that come outside a delivery', async () => {
    const gates = [deferred(), deferred(), deferred()];
    const log: string[] = [];
    const { emit, measured } = setUp({
      onStep: async (event) => {
        log.push(`begin ${event.step}`);
        await gates[event.step]!.promise;
        log.push(`end ${event.step}`);
      },
    });

    for (const number of [0, 1, 2]) emit(step(number));
    await flush();
    expect(log).toEqual(['begin 0']);
    gates[0]!.resolve();
    await flush();
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1']);
    gates[1]!.resolve();
    gates[2]!.resolve();
    await flush();

    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
    expect(measured).toEqual(['step', 'step']);
  });

  it('tells a rejection, and calls the next', async () => {
    const seen: number[] = [];
    const { emit, reported } = setUp({
      onStep: (event) => {
        seen.push(event.step);
        return event.step === 1 ? Promise.reject(new Error('late boom')) : undefined;
      },
    });
    emit(step(1));
    emit(step(2));
    await flush();
    expect(seen).toEqual([1, 2]);
    expect(reported).toEqual([new Error('late boom')]);
  });

  it('holds 64 calls, drops more, and tells how many when the queue is free again', async () => {
    const gate = deferred();
    const seen: number[] = [];
    const { emit, published } = setUp({
      onStep: (event) => {
        seen.push(event.step);
        return event.step === 0 ? gate.promise : undefined;
      },
    });

    for (let number = 0; number <= 70; number++) emit(step(number));
    expect(seen).toEqual([0]);
    expect(published).toEqual([]);
    gate.resolve();
    await flush();

    expect(seen).toEqual(Array.from({ length: 65 }, (_, index) => index));
    expect(published).toEqual([{ type: 'dropped', what: 'hooks of "h"', count: 6 }]);
  });

  it('never drops the call for run:end', async () => {
    const gate = deferred();
    const onRunEnd = vi.fn();
    const { emit, holds } = setUp({ onStep: () => gate.promise, onRunEnd });
    for (let number = 0; number <= 70; number++) emit(step(number));
    emit({ type: 'run:end' });
    gate.resolve();
    await Promise.all(holds);
    expect(holds).toHaveLength(1);
    expect(onRunEnd).toHaveBeenCalledOnce();
  });

  it('gives each call 30 s: then its signal aborts, it is told, and the next is called', async () => {
    const signals: AbortSignal[] = [];
    const { emit, clock, reported } = setUp({
      onEpochEnd: (event, { signal }) => {
        signals.push(signal);
        return event.epoch === 1 ? new Promise(() => undefined) : undefined;
      },
    });

    emit({ type: 'epoch:end', epoch: 1 });
    emit({ type: 'epoch:end', epoch: 2 });
    await clock.advance(29_999);
    expect(signals).toHaveLength(1);
    expect(signals[0]!.aborted).toBe(false);
    await clock.advance(1);

    expect(signals).toHaveLength(2);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
    expect(reported).toEqual([expect.objectContaining({ code: 'HOOK_TIMEOUT' })]);
    expect((reported[0] as Error).message).toContain('The hook of "h" for epoch:end must settle within 30 s');
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not count what a timed-out call does later', async () => {
    const gate = deferred();
    const seen: number[] = [];
    const { emit, clock, reported } = setUp({
      onStep: (event) => {
        seen.push(event.step);
        return event.step === 1 ? gate.promise : new Promise(() => undefined);
      },
    });
    emit(step(1));
    emit(step(2));
    emit(step(3));
    await clock.advance(30_000);
    gate.reject(new Error('late'));
    await flush();
    expect(seen).toEqual([1, 2]);
    expect(reported).toHaveLength(1);
  });

  it('holds the end of the run for a hook that hangs only for its own time and for that of onRunEnd', async () => {
    const seen: string[] = [];
    const { emit, clock, holds, published } = setUp({
      onStep: (event) => {
        seen.push(`step ${event.step}`);
        return new Promise(() => undefined);
      },
      onRunEnd: () => {
        seen.push('end');
        return new Promise(() => undefined);
      },
    });
    for (let number = 1; number <= 10; number++) emit(step(number));
    emit({ type: 'run:end' });
    const ended = vi.fn();
    void Promise.all(holds).then(ended);

    await clock.advance(30_000);
    expect(seen).toEqual(['step 1', 'end']);
    expect(ended).not.toHaveBeenCalled();
    await clock.advance(30_000);
    expect(ended).toHaveBeenCalled();
    expect(published).toEqual([{ type: 'dropped', what: 'hooks of "h"', count: 9 }]);
  });

  it('holds the end of the run from the end of the training on, for what is under way and for what comes then', async () => {
    const gates = [deferred(), deferred()];
    const { emit, holds } = setUp({ onStep: (event) => gates[event.step]?.promise });
    emit(step(0));
    expect(holds).toEqual([]);
    emit({ type: 'training:end' });
    expect(holds).toHaveLength(1);
    gates[0]?.resolve();
    await holds[0];

    emit(step(1));
    expect(holds).toHaveLength(2);
    const ended = vi.fn();
    void Promise.all(holds).then(ended);
    await flush();
    expect(ended).not.toHaveBeenCalled();
    gates[1]?.resolve();
    await flush();
    expect(ended).toHaveBeenCalled();
  });

  it('does not hold the end of a run for hooks that are idle', () => {
    const { emit, holds } = setUp({ onStep: () => undefined });
    emit(step(1));
    emit({ type: 'run:end' });
    expect(holds).toEqual([]);
  });

  it('aborts the present call and forgets the others when it is over', async () => {
    const signals: AbortSignal[] = [];
    const { emit, clock, subscription, reported } = setUp({
      onStep: (_, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      },
    });
    emit(step(1));
    emit(step(2));
    subscription.unsubscribe();
    await flush();
    expect(signals).toHaveLength(1);
    expect(signals[0]!.reason).toMatchObject({ code: 'CALLBACK_OVER' });
    expect(reported).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is quiet when a hook ends its own callback', async () => {
    const seen: number[] = [];
    const made = setUp({
      onStep: async (event) => {
        seen.push(event.step);
        made.subscription.unsubscribe();
        await Promise.resolve();
        throw new Error('after the end');
      },
    });
    made.emit(step(1));
    made.emit(step(2));
    await flush();
    expect(seen).toEqual([1]);
    expect(made.reported).toEqual([]);
    expect(made.clock.pendingTimers).toBe(0);
  });
});
