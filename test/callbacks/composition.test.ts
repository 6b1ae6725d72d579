import { debounceTime, filter, ignoreElements, map, merge, Observable, tap, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  defineCallback,
  evaluation,
  stop,
  type Evaluation,
  type EvaluationRequest,
} from '../../src/callbacks/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { schedulerOf } from '../../src/clock/index.ts';
import { inlineExecutor, type Executor } from '../../src/executors/index.ts';
import { everyEpochs, onBestMetric } from '../../src/operators/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { testRun } from '../trainer/test-run.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

function bench(options: object = {}) {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const executor: Executor<number, number> = (job) => timer(30, schedulerOf(clock)).pipe(map(() => job.input));
  const input = ({ epoch }: EvaluationRequest): number => epoch;
  const callback = evaluation<number, number>({ name: 'vs', every: 1, sla: false, executor, input, ...options });
  return { clock, run, callback };
}

/** A callback that looks at every event. */
function onEach(look: (event: RunEvent) => void) {
  return defineCallback('looking', (run) => run.events$.pipe(tap(look), ignoreElements()));
}

describe('an evaluation that others use', () => {
  it('is asked for by request(), of where the training stands', async () => {
    const { clock, run, callback } = bench({ every: 100 });
    run.connect(callback);
    run.publish({ type: 'epoch:start', epoch: 3 });
    run.publish({ type: 'step', epoch: 3, step: 7, durationMs: 1 });

    expect(callback.request()).toBe(true);
    await clock.advance(30);

    expect(run.story).toEqual(['requested 3', 'start 3', 'end 3 completed']);
    expect(run.of('evaluation:end')[0]).toMatchObject({ epoch: 3, step: 7 });
  });

  it('takes no requests before its run and after it, and cancels nothing then', async () => {
    const { clock, run, callback } = bench();

    expect(callback.request()).toBe(false);
    expect(callback.cancel()).toBe(false);
    const subscription = run.connect(callback);
    expect(callback.cancel()).toBe(false);
    run.epochEnd(1);
    await clock.advance(30);
    run.end();
    subscription?.unsubscribe();

    expect(callback.request()).toBe(false);
    expect(run.story).toEqual(['requested 1', 'start 1', 'end 1 completed']);
  });

  it('is cancelled with its reason, and hears what comes after', async () => {
    const { clock, run, callback } = bench();
    run.connect(callback);
    run.epochEnd(1);
    run.epochEnd(2);

    expect(callback.cancel('the champion has changed')).toBe(true);
    await clock.advance(0);
    run.epochEnd(3);
    await clock.advance(30);

    expect(run.of('evaluation:end').map(({ epoch, status, error }) => [epoch, status, error?.message])).toEqual([
      [2, 'cancelled', 'The evaluation was cancelled: the champion has changed'],
      [1, 'cancelled', 'The evaluation was cancelled: the champion has changed'],
      [3, 'completed', undefined],
    ]);
    expect(callback.breaker?.metrics.bufferedCalls).toBe(1);
    run.end();
    expectConserved(run);
  });

  it('can be cancelled by its own input', () => {
    const made: { callback?: Evaluation } = {};
    const { run, callback } = bench({ input: () => made.callback?.cancel('not now') });
    made.callback = callback;
    run.connect(callback);
    run.epochEnd(1);

    expect(run.story).toEqual(['requested 1', 'end 1 cancelled']);
    run.end();
    expectConserved(run);
  });

  // Its end was told at once while its execution ran on, unwatched, beside the next one.
  it('ends what it has cancelled, also where its start is told while it is being begun', () => {
    const log: string[] = [];
    const executor: Executor<number, number> = (job) =>
      new Observable(() => {
        log.push(`+${job.input}`);
        return () => log.push(`-${job.input}`);
      });
    const { run, callback } = bench({ every: 100, executor });
    run.connect(callback);
    run.connect(
      onEach((event) => {
        log.push(event.type);
        if (event.type === 'evaluation:start') callback.cancel('not wanted');
      }),
    );

    callback.request();
    callback.request();

    const whole = ['evaluation:requested', '+0', 'evaluation:start', '-0', 'evaluation:end'];
    expect(log).toEqual([...whole, ...whole]);
    expectConserved(run);
  });

  // Its end came before its request, so that the run waited for another one.
  it.each(['latest', 'skip', 'queue', 'cancel', 'parallel'])(
    '%s: ends what was asked for and cancelled while another request was told',
    (overlap) => {
      const { run, callback } = bench({ every: 100, overlap });
      const answers: boolean[] = [];
      run.connect(callback);
      run.connect(
        onEach((event) => {
          if (event.type === 'evaluation:requested' && answers.length === 0)
            answers.push(callback.request(), callback.cancel('not wanted'));
        }),
      );

      callback.request();

      expect(answers).toEqual([true, true]);
      expect(run.story.slice(0, 2)).toEqual(['requested 0', 'requested 0']);
      expect(run.story.slice(2).toSorted()).toEqual([
        'end 0 cancelled',
        overlap === 'skip' ? 'skipped 0 busy' : 'end 0 cancelled',
      ]);
      expectConserved(run);
      expect(callback.cancel()).toBe(false);
    },
  );

  it('hears what is asked for after the cancellation, also where both come while a request is told', async () => {
    const { clock, run, callback } = bench({ every: 100 });
    const answers: boolean[] = [];
    run.connect(callback);
    run.connect(
      onEach((event) => {
        if (event.type === 'evaluation:requested' && answers.length === 0)
          answers.push(callback.cancel('not wanted'), callback.request());
      }),
    );

    callback.request();
    await clock.advance(30);

    expect(run.story.filter((told) => told.startsWith('end'))).toEqual(['end 0 cancelled', 'end 0 completed']);
    expectConserved(run);
  });

  it('refuses a reason that is none', () => {
    const { callback } = bench();

    expect(() => callback.cancel('')).not.toThrow(); // there is nothing to cancel
    const { run, callback: other } = bench();
    run.connect(other);
    expect(() => other.cancel(7 as never)).toThrow(
      'cancel(reason) of "vs" must get a sentence that its end will tell, but 7 came.',
    );
  });

  it('fires by triggers that are put together', async () => {
    const clock = new VirtualClock();
    const { run, callback } = bench({
      every: undefined,
      when: (events$: Observable<RunEvent>) =>
        merge(
          events$.pipe(everyEpochs(3)),
          events$.pipe(onBestMetric('loss')),
          events$.pipe(
            filter((event) => event.type === 'custom' && event.name === 'look'),
            debounceTime(5, schedulerOf(clock)),
          ),
        ),
      overlap: 'queue',
    });
    run.connect(callback);
    run.epochEnd(1, { loss: 3 });
    run.epochEnd(2, { loss: 4 });
    run.epochEnd(3, { loss: 5 });
    run.publish({ type: 'custom', name: 'look', value: 1 });
    run.publish({ type: 'custom', name: 'look', value: 2 });
    run.epochEnd(4, { loss: 2 });
    await clock.advance(5);

    expect(run.of('evaluation:requested').map(({ epoch }) => epoch)).toEqual([1, 3, 4, 4]);
  });

  it('feeds other callbacks, which ask for one more, cancel and stop', async () => {
    const { trainer, of } = testRun({ epochs: 10 });
    const vs = evaluation({
      name: 'vs',
      every: 1,
      executor: inlineExecutor(({ epoch }: { readonly epoch: number }) => ({ winRate: epoch / 10 })),
    });
    const deep = evaluation({ name: 'deep', every: 100, executor: inlineExecutor(() => 'looked closely') });
    trainer.register(vs);
    trainer.register(deep);
    trainer.register(
      defineCallback('look-closer', () =>
        vs.results$.pipe(
          filter(({ result }) => result.winRate === 0.2),
          tap(() => deep.request()),
          ignoreElements(),
        ),
      ),
    );
    trainer.register(
      defineCallback('good-enough', () =>
        vs.results$.pipe(
          filter(({ result }) => result.winRate >= 0.4),
          map(({ epoch }) => stop(`good enough at epoch ${epoch}`)),
        ),
      ),
    );

    const outcome = await trainer.fit(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return {};
    });

    expect(outcome).toMatchObject({ status: 'stopped', reason: 'good enough at epoch 4' });
    expect(of('evaluation:end').filter(({ name }) => name === 'deep')).toMatchObject([
      { epoch: 2, result: 'looked closely' },
    ]);
  });
});
