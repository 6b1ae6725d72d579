import { filter, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { defineCallback, evaluation, scale, stop } from '../../src/callbacks/index.ts';
import type { EventOf, RunEvent, RunEventType } from '../../src/events/index.ts';
import { everyEpochs } from '../../src/operators/index.ts';
import { fakeExecutor, fakeRun, fakeTrainer, marbles, VirtualClock } from '../../src/testing/index.ts';
import { failureOf, rejectionOf } from './failure-of.ts';

const of = <Type extends RunEventType>(events: readonly RunEvent[], type: Type): EventOf<Type>[] =>
  events.filter((event): event is EventOf<Type> => event.type === type);

describe('fakeTrainer', () => {
  it('runs its script with a real trainer, and eight hours of it pass at once', async () => {
    const { trainer, clock, register, run } = fakeTrainer<{ loss: number }>(
      [1, 2, 3].map((epoch) => ({
        steps: 80,
        stepMs: 120_000,
        metrics: { loss: 1 / epoch },
        stepMetrics: (step) => ({ step }),
      })),
      { name: 'minishogi' },
    );
    const losses: number[] = [];
    register({ name: 'losses', onEpochEnd: ({ metrics }) => void losses.push((metrics as { loss: number }).loss) });

    const { outcome, events } = await run();

    expect(outcome).toMatchObject({ status: 'completed', epochs: 3, steps: 240 });
    expect(trainer.name).toBe('minishogi');
    expect(losses).toEqual([1, 1 / 2, 1 / 3]);
    expect(clock.now()).toBe(8 * 3_600_000);
    expect(of(events, 'step')[1]).toMatchObject({ step: 2, durationMs: 120_000, metrics: { step: 2 } });
    expect(clock.pendingTimers).toBe(0);
  });

  it('evaluates beside it: a hung one is ended by its SLA, and the breaker opens', async () => {
    const { clock, register, run } = fakeTrainer(Array.from({ length: 8 }, () => ({ stepMs: 60_000 })));
    const executor = fakeExecutor<number>(({ input }) => (input < 3 ? [{ atMs: 500, result: input }] : []), { clock });
    register(
      evaluation({
        name: 'vs-random',
        every: 1,
        executor,
        input: ({ epoch }) => epoch,
        sla: { evaluationTimeMs: 30_000 },
        breaker: { minimumNumberOfCalls: 2, waitDurationInOpenStateMs: 3_600_000 },
      }),
    );

    const { outcome, events } = await run();

    expect(outcome.evaluations).toEqual({
      requested: 8,
      completed: 2,
      violated: 2,
      failed: 0,
      cancelled: 0,
      skipped: 4,
    });
    expect(of(events, 'evaluation:end').map(({ usage }) => usage.wallMs)).toEqual([500, 500, 30_000, 30_000]);
    expect(executor.executions.map(({ status }) => status)).toEqual(['completed', 'completed', 'aborted', 'aborted']);
  });

  it('is stopped by a callback', async () => {
    const { register, run } = fakeTrainer(10);
    register(
      defineCallback('three', ({ events$ }) =>
        events$.pipe(
          filter((event) => event.type === 'epoch:end' && event.epoch === 3),
          map(() => stop('three are enough')),
        ),
      ),
    );

    expect((await run()).outcome).toMatchObject({ status: 'stopped', reason: 'three are enough', epochs: 3 });
  });

  it('tells what a callback scales', async () => {
    const { register, run } = fakeTrainer(2);
    register(
      defineCallback('decay', ({ events$ }) =>
        events$.pipe(
          filter((event) => event.type === 'epoch:end'),
          map(() => scale('learningRate', 0.5, 'an epoch has ended')),
        ),
      ),
    );

    expect(of((await run()).events, 'custom').map(({ name, value }) => [name, value])).toMatchObject([
      ['directive:scale', { name: 'learningRate', factor: 0.5, scale: 0.5, callback: 'decay' }],
      ['directive:scale', { name: 'learningRate', factor: 0.5, scale: 0.25, callback: 'decay' }],
    ]);
  });

  it('fails with what its script throws', async () => {
    const { events, run } = fakeTrainer([{}, { throws: new RangeError('loss is NaN') }]);

    expect(await rejectionOf(run)).toMatchObject({ name: 'RangeError', message: 'loss is NaN' });
    expect(events.at(-1)).toMatchObject({ type: 'run:end', status: 'failed', epochs: 1 });
  });

  it.each([
    [0, 'must be a number of epochs, or an array of them'],
    [[], 'must be a number of epochs'],
    [[{ step: 4 }], 'unknown key "[0].step": did you mean "steps"?'],
    [[{ stepMs: -1 }], 'the milliseconds of each step'],
  ])('refuses %j', (epochs, message) => {
    expect(failureOf(() => fakeTrainer(epochs as number)).message).toContain(message);
  });
});

describe('fakeRun', () => {
  // It ran in real time, and its events came when the test was over.
  it('refuses an option that there is not', () => {
    expect(() => fakeRun(1, { clock: new VirtualClock() } as never)).toThrow(
      'The options of fakeRun have an unknown key "clock": known are name, runId, scheduler',
    );
  });

  const script = [{ steps: 2, stepMs: 3, metrics: { loss: 1 } }, { stepMs: 4 }];

  it('tells the same without a trainer, in the time of a marble test', () => {
    marbles(({ scheduler, expectObservable }) => {
      const point = map((fired: { epoch: number }) => String(fired.epoch));
      expectObservable(fakeRun(script, { scheduler }).pipe(everyEpochs(1), point)).toBe('------1---(2|)');
      const of = (type: string) =>
        fakeRun(script, { scheduler }).pipe(
          filter((event) => event.type === type),
          map(({ at }) => String(at)),
        );
      expectObservable(of('run:start')).toBe('   0---------|');
      expectObservable(of('step')).toBe('        ---3--6---(t|)', { t: '10', 3: '3', 6: '6' });
      expectObservable(of('run:end')).toBe('     10ms (t|)', { t: '10' });
    });
  });

  it('tells the events that a trainer tells, but for its measurements', async () => {
    const clock = new VirtualClock();
    const real = await fakeTrainer(script, { clock }).run();
    const told: RunEvent[] = [];
    const fake = new VirtualClock();
    fakeRun(script, { scheduler: schedulerOf(fake) }).subscribe((event) => told.push(event));
    await fake.advance(100);

    const essence = (events: readonly RunEvent[]) =>
      events
        .filter(({ type }) => type !== 'step:summary')
        .map((event) => ({ ...event, seq: 0, at: 0, runId: '', config: {}, overhead: {} }));
    expect(essence(told)).toEqual(essence(real.events));
  });

  it('ends as failed where its script throws', async () => {
    const clock = new VirtualClock();
    const told: RunEvent[] = [];
    fakeRun([{ throws: new Error('no') }, {}], { scheduler: schedulerOf(clock) }).subscribe((event) =>
      told.push(event),
    );
    await clock.advance(100);

    expect(told.map(({ type }) => type)).toEqual([
      'run:start',
      'epoch:start',
      'step',
      'epoch:end',
      'training:end',
      'run:end',
    ]);
    expect(told.at(-1)).toMatchObject({ status: 'failed', error: { message: 'no' } });
  });
});

describe('VirtualClock.runUntil', () => {
  it('goes from timer to timer, and not past the last that counts', async () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => undefined, 10_000);
    const work = new Promise<string>((resolve) => void clock.setTimeout(() => void clock.setTimeout(() => { resolve('done'); }, 50), 50)); // prettier-ignore

    expect(await clock.runUntil(work)).toBe('done');
    expect(clock.now()).toBe(100);
    expect(clock.pendingTimers).toBe(1);
  });

  it('gives the rejection back', async () => {
    expect(await rejectionOf(() => new VirtualClock().runUntil(Promise.reject(new Error('no'))))).toMatchObject({
      message: 'no',
    });
  });

  it('says when nothing can come any more, and when too much time has passed', async () => {
    const clock = new VirtualClock();
    const never = new Promise(() => undefined);
    expect(await rejectionOf(() => clock.runUntil(never, { patienceMs: 0 }))).toMatchObject({
      code: 'VIRTUAL_TIME_STUCK',
      message: expect.stringContaining('no timer of it is left') as string,
    });

    const tick = (): void => void clock.setTimeout(tick, 10);
    tick();
    expect(await rejectionOf(() => clock.runUntil(never, { limitMs: 100 }))).toMatchObject({
      message: expect.stringContaining('100 virtual ms have passed') as string,
    });
    expect(clock.now()).toBe(100);
  });
});
