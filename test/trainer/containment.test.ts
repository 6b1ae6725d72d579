import {
  concatMap,
  EMPTY,
  finalize,
  ignoreElements,
  interval,
  map,
  merge,
  Observable,
  of,
  throwError,
  timer,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineCallback, stop, type Directive, type Run } from '../../src/callbacks/index.ts';
import { testRun, turn } from './test-run.ts';

const boom = Object.assign(new Error('boom'), { code: 'BOOM' });
const raise = (): never => {
  throw boom;
};
type Connect = (run: Run) => Observable<Directive> | void;

const uncaught = vi.fn();
beforeEach(() => {
  uncaught.mockClear();
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', uncaught);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve)); // RxJS reports with such a timer
  process.off('uncaughtException', uncaught);
  process.off('unhandledRejection', uncaught);
  expect(uncaught).not.toHaveBeenCalled();
});

const faults: [string, Connect][] = [
  ['a throw in the function', raise],
  ['an error of its Observable', () => throwError(() => boom)],
  ['a throw in an operator of its Observable', (run) => run.events$.pipe(map(raise))],
  ['a throw in a subscriber', (run) => void run.events$.subscribe(raise)],
  [
    'a throw in a subscriber behind operators',
    (run) => void run.events$.pipe(map((event) => event.type)).subscribe(raise),
  ],
  ['a throw behind merge', (run) => void merge(run.events$, interval(1_000)).subscribe(raise)],
  ['an error that no subscriber takes', (run) => void run.events$.pipe(map(raise)).subscribe()],
  ['a throw in a subscriber to durable$', (run) => void run.durable$.subscribe({ complete: raise })],
  ['a throw in a subscriber to history$', (run) => void run.history$.subscribe({ complete: raise })],
  ['a rejection in its stream', (run) => void run.events$.pipe(concatMap(() => Promise.reject(boom))).subscribe()],
];

/** durable$ completes after run:end. */
const tooLate = faults.find(([name]) => name.includes('durable$'))![1];

describe('a callback that fails', () => {
  it.each(faults)('costs only itself: %s', async (_, connect) => {
    const { trainer, of } = testRun({ epochs: 2 });
    const others: string[] = [];
    trainer.register(defineCallback('bad', connect));
    trainer.register(defineCallback('good', (run) => void run.events$.subscribe(({ type }) => others.push(type))));

    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(1);
      await turn();
    });

    expect(outcome.status).toBe('completed');
    if (connect !== tooLate)
      expect(of('callback:error')).toMatchObject([{ callback: 'bad', error: { code: 'BOOM', message: 'boom' } }]);
    expect(others.filter((type) => type !== 'callback:error')).toEqual(
      ['run:start', 'epoch:start', 'step', 'epoch:end', 'epoch:start', 'step', 'epoch:end'].concat([
        'step:summary',
        'training:end',
        'run:end',
      ]),
    );
  });

  it.each(faults)('fails the run if it is critical: %s', async (_, connect) => {
    const { trainer, of } = testRun({ epochs: 5 });
    trainer.register(defineCallback('bad', connect, { critical: true }));

    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(1);
      await turn();
      await epoch.step(1);
    });

    // Too late for run:end, but not for the outcome.
    const late = connect === tooLate;
    expect(outcome).toMatchObject({ status: 'failed', error: boom });
    expect(of('run:end')).toMatchObject([
      late ? { status: 'completed' } : { status: 'failed', error: { code: 'BOOM' } },
    ]);
    if (!late) expect(outcome.epochs).toBe(0);
  });

  it('is over: its subscriptions are ended, and it gets nothing more', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    const seen: string[] = [];
    const torndown = vi.fn();
    trainer.register(
      defineCallback('bad', (run) => {
        run.events$.subscribe((event) => seen.push(event.type));
        run.events$.subscribe((event) => event.type === 'epoch:end' && raise());
        return new Observable<Directive>(() => torndown);
      }),
    );
    await trainer.fit(() => undefined);
    expect(seen).toEqual(['run:start', 'epoch:start', 'epoch:end']);
    expect(torndown).toHaveBeenCalledOnce();
    expect(of('callback:error')).toHaveLength(1);
  });

  it('has its name free for another', async () => {
    const { trainer } = testRun({ epochs: 2 });
    trainer.register(defineCallback('x', raise));
    const seen: string[] = [];
    await trainer.fit((epoch) => {
      if (epoch.epoch === 1)
        trainer.register(defineCallback('x', (run) => void run.events$.subscribe((e) => seen.push(e.type))));
    });
    expect(seen[0]).toBe('epoch:end');
  });

  it('tells what a teardown throws at the end', async () => {
    const { trainer, of } = testRun();
    trainer.register(defineCallback('bad', () => new Observable<Directive>(() => raise)));
    expect((await trainer.fit(() => undefined)).status).toBe('completed');
    expect(of('callback:error')).toMatchObject([{ callback: 'bad' }]);
  });

  it.each([
    [
      'a promise',
      (): unknown => Promise.reject(new Error('async')),
      /must return an Observable of directives or nothing, but a Promise came/,
    ],
    [
      'an event for a directive',
      (run: Run): unknown => run.events$,
      /must emit directives, made by stop\(reason\) or scale\(name, factor, reason\), but an object came/,
    ],
    ['a number', (): unknown => 7, /must return an Observable of directives or nothing, but 7 came/],
  ])('is told in a sentence what is wrong with %s', async (_, connect, sentence) => {
    const { trainer, of } = testRun();
    trainer.register(defineCallback('bad', connect as Connect));
    expect((await trainer.fit(() => undefined)).status).toBe('completed');
    expect(of('callback:error')).toHaveLength(1);
    expect(of('callback:error')[0]!.error.message).toMatch(sentence);
  });

  it('may complete its Observable, and still gets events', async () => {
    const { trainer } = testRun();
    const seen: string[] = [];
    trainer.register(
      defineCallback('c', (run) => {
        run.events$.subscribe((event) => seen.push(event.type));
        return EMPTY;
      }),
    );
    await trainer.fit(() => undefined);
    expect(seen.at(-1)).toBe('run:end');
  });

  it('leaves no subscription at the end of the run', async () => {
    const { trainer } = testRun();
    const torndown = vi.fn();
    const complete = vi.fn();
    trainer.register(
      defineCallback('c', (run) => {
        run.events$.subscribe({ complete });
        return merge(run.events$, interval(1)).pipe(ignoreElements(), finalize(torndown));
      }),
    );
    await trainer.fit(() => undefined);
    expect(complete).toHaveBeenCalledOnce();
    expect(torndown).toHaveBeenCalledOnce();
  });
});

describe('hooks in a run', () => {
  it('lose the call that throws or rejects, and are called again', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    const seen: number[] = [];
    trainer.register({
      name: 'h',
      onEpochEnd: ({ epoch }) => {
        seen.push(epoch);
        if (epoch === 1) raise();
        if (epoch === 2) return Promise.reject(boom);
        return undefined;
      },
    });
    const outcome = await trainer.fit(turn);
    expect(outcome.status).toBe('completed');
    expect(seen).toEqual([1, 2, 3]);
    expect(of('callback:error')).toHaveLength(2);
  });

  it('fail the run if they are critical', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    trainer.register({ name: 'h', critical: true, onEpochEnd: raise });
    const outcome = await trainer.fit(() => undefined);
    expect(outcome).toMatchObject({ status: 'failed', error: boom, epochs: 1 });
    expect(of('callback:error')).toMatchObject([{ callback: 'h' }]);
  });

  it('fail the run if they are critical, also where they fail after the end of the training', async () => {
    const { trainer, of, types } = testRun();
    trainer.register({
      name: 'h',
      critical: true,
      onEpochEnd: async () => {
        await turn();
        await turn();
        throw boom;
      },
    });
    const outcome = await trainer.fit(() => undefined);
    expect(outcome).toMatchObject({ status: 'failed', error: boom });
    expect(of('run:end')).toMatchObject([{ status: 'failed', error: { code: 'BOOM' } }]);
    expect(types().slice(-3)).toEqual(['training:end', 'callback:error', 'run:end']);
  });

  it('are awaited before fit resolves, also after run:end, and their errors are told', async () => {
    const { trainer, of, types } = testRun();
    const log: string[] = [];
    trainer.register({
      name: 'h',
      onRunEnd: async () => {
        await turn();
        log.push('uploaded');
        throw boom;
      },
    });
    await trainer.fit(() => undefined);
    expect(log).toEqual(['uploaded']);
    expect(of('callback:error')).toMatchObject([{ callback: 'h', error: { code: 'BOOM' } }]);
    expect(types().slice(-2)).toEqual(['run:end', 'callback:error']);
  });

  it('hold the end for 30 s of the clock at most', async () => {
    const { trainer, clock, of } = testRun();
    trainer.register({ name: 'h', onRunEnd: () => new Promise(() => undefined) });
    const fitted = vi.fn();
    const done = trainer.fit(() => undefined).then(fitted);
    await clock.virtual.advance(29_999);
    expect(fitted).not.toHaveBeenCalled();
    await clock.virtual.advance(1);
    await done;
    expect(of('callback:error')).toMatchObject([{ callback: 'h', error: { code: 'HOOK_TIMEOUT' } }]);
    expect(clock.virtual.pendingTimers).toBe(0);
  });

  it('may add an event of their own', async () => {
    const { trainer, of } = testRun();
    trainer.register({
      name: 'h',
      onEpochEnd: (event, { run }) => {
        run.emit({ name: 'seen', value: event.epoch });
      },
    });
    await trainer.fit(() => undefined);
    expect(of('custom')).toMatchObject([{ name: 'seen', value: 1 }]);
  });
});

describe('a callback that floods', () => {
  it('is unregistered at its 1 001st event in one drain, and told', async () => {
    const { trainer, of: told } = testRun({ epochs: 2 });
    trainer.register(
      defineCallback('echo', (run) => {
        run.events$.subscribe((event) => {
          if (event.type === 'custom' || event.type === 'epoch:end') run.emit({ name: 'echo', value: 0 });
        });
      }),
    );
    const outcome = await trainer.fit(() => undefined);
    expect(outcome.status).toBe('completed');
    expect(told('custom')).toHaveLength(1_000);
    expect(told('callback:error')).toMatchObject([{ callback: 'echo', error: { code: 'EMISSION_FLOOD' } }]);
    expect(told('callback:error')[0]!.error.message).toContain('"echo" must emit at most 1000 events in answer to one');
  });

  it('may emit 1 000 for each of many events', async () => {
    const { trainer, of: told } = testRun({ epochs: 3 });
    trainer.register({
      name: 'many',
      onEpochEnd: (_, { run }) => {
        for (let number = 0; number < 1_000; number++) run.emit({ name: 'n', value: number });
      },
    });
    await trainer.fit(() => undefined);
    expect(told('custom')).toHaveLength(3_000);
    expect(told('callback:error')).toEqual([]);
  });

  it('is ended too where two answer each other', async () => {
    const { trainer, of: told } = testRun();
    const ping = (mine: string, theirs: string) =>
      defineCallback(mine, (run) => {
        run.events$.subscribe((event) => {
          if (event.type === 'epoch:end' || (event.type === 'custom' && event.name === theirs))
            run.emit({ name: mine, value: 0 });
        });
      });
    trainer.register(ping('a', 'b'));
    trainer.register(ping('b', 'a'));
    await trainer.fit(() => undefined);
    expect(told('callback:error').map((event) => event.callback)).toEqual(['a', 'b']);
    expect(told('run:end')).toHaveLength(1);
  });
});

describe('a directive', () => {
  it('ends the training after the present step', async () => {
    const { trainer, of: told } = testRun({ epochs: 5 });
    trainer.register(
      defineCallback('plateau', (run) =>
        run.events$.pipe(
          concatMap((event) => (event.type === 'step' && event.step === 3 ? of(stop('enough')) : EMPTY)),
        ),
      ),
    );
    const calls: number[] = [];
    const outcome = await trainer.fit(async (epoch) => {
      for (let call = 1; call <= 2; call++) await epoch.step(() => calls.push(epoch.epoch));
    });
    expect(calls).toEqual([1, 1, 2]);
    expect(outcome).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 1, steps: 3 });
    expect(told('epoch:end').map((event) => event.interrupted)).toEqual([undefined, true]);
  });

  it('may come before the run has begun, and by a timer', async () => {
    const early = testRun({ epochs: 5 });
    early.trainer.register(defineCallback('never', () => of(stop('not today'))));
    expect(await early.trainer.fit(() => undefined)).toMatchObject({
      status: 'stopped',
      reason: 'not today',
      epochs: 0,
    });

    const late = testRun({ epochs: 5 });
    late.trainer.register(defineCallback('timed', () => timer(0).pipe(map(() => stop('time')))));
    const outcome = await late.trainer.fit(async (epoch) => {
      for (;;) await epoch.step(turn);
    });
    expect(outcome).toMatchObject({ status: 'stopped', reason: 'time' });
  });
});
