import { filter, map, NEVER, Observable, of, Subject, take, throwError, timer, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { countsAgainstBreaker } from '../../src/callbacks/counts-against-breaker.ts';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { schedulerOf } from '../../src/clock/index.ts';
import type { Executor, Job } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

/** An executor whose executions a test ends by hand; `log` has each start and each unsubscription, by epoch. */
function byHand() {
  const log: string[] = [];
  const jobs: Job<{ epoch: number }>[] = [];
  const results: Subject<unknown>[] = [];
  const executor: Executor<{ epoch: number }> = (job) =>
    new Observable((subscriber) => {
      const result$ = new Subject<unknown>();
      log.push(`+${job.input.epoch}`);
      jobs.push(job);
      results.push(result$);
      subscriber.add(result$.subscribe(subscriber));
      return () => log.push(`-${job.input.epoch}`);
    });
  const answer = (nth: number, result: unknown = 'r'): void => {
    results[nth]!.next(result);
    results[nth]!.complete();
  };
  return { executor, log, jobs, results, answer };
}

function bench() {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const after = (ms: number) => timer(ms, schedulerOf(clock)).pipe(map(() => 'r'));
  return { clock, run, after };
}

/** What is rejected, from now on to a turn of the event loop after the call, and heard by nobody. */
function unheardRejections() {
  const reasons: unknown[] = [];
  const listener = (reason: unknown): void => void reasons.push(reason);
  process.on('unhandledRejection', listener);
  return async (): Promise<readonly unknown[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    return reasons;
  };
}

describe('evaluation', () => {
  it('evaluates every n epochs, and tells its whole story', async () => {
    const { clock, run, after } = bench();
    const callback = evaluation({
      name: 'quick',
      every: 2,
      input: ({ epoch, metrics }) => ({ epoch, loss: metrics.loss }),
      executor: (job) => after(30).pipe(map(() => job.input)),
    });
    const results: unknown[] = [];
    callback.results$.subscribe({ next: (result) => results.push(result), complete: () => results.push('|') });

    run.connect(callback);
    run.epochEnd(1);
    run.publish({ type: 'step', epoch: 2, step: 20, durationMs: 1 });
    run.epochEnd(2, { loss: 0.5 });
    await clock.advance(30);
    run.end();

    expect(run.story).toEqual(['requested 2', 'start 2', 'end 2 completed']);
    expect(run.of('evaluation:end')[0]).toMatchObject({
      evaluationId: 'quick-2-1',
      name: 'quick',
      epoch: 2,
      step: 20,
      result: { epoch: 2, loss: 0.5 },
      items: { done: 0 },
      usage: { wallMs: 30, cpuMs: null, cpuShare: null, peakMemoryMb: null, startMs: 0, queuedMs: 0, goneMs: 0 },
    });
    expect(results).toEqual([{ epoch: 2, step: 20, result: { epoch: 2, loss: 0.5 } }, '|']);
    expect(run.heard).toEqual(['|']);
    expect(clock.pendingTimers).toBe(0);
    expectConserved(run);
  });

  it('takes subject and metrics from what the trigger emits, and from the last seen where it has none', async () => {
    const { clock, run, after } = bench();
    const requests: unknown[] = [];
    run.connect(
      evaluation({
        name: 'quick',
        when: (events$) => events$.pipe(filter(({ type }) => type === 'checkpoint' || type === 'custom')),
        input: (request) => requests.push(request),
        executor: () => after(1),
      }),
    );

    run.epochEnd(1, { loss: 2 });
    run.publish({ type: 'custom', name: 'now', value: 1 });
    await clock.advance(1);
    run.publish({ type: 'checkpoint', epoch: 2, step: 9, path: '/c/2', hash: 'h' });
    await clock.advance(1);
    run.publish({ type: 'epoch:start', epoch: 2 });
    run.publish({ type: 'custom', name: 'now', value: 2 });
    await clock.advance(1);
    run.publish({ type: 'epoch:start', epoch: 3 });
    run.publish({ type: 'custom', name: 'now', value: 3 });
    await clock.advance(1);

    const common = { metrics: { loss: 2 }, resumed: false };
    expect(requests).toEqual([
      { ...common, epoch: 1, step: 0 },
      { ...common, epoch: 2, step: 9, checkpoint: { path: '/c/2', hash: 'h' } },
      { ...common, epoch: 2, step: 9, checkpoint: { path: '/c/2', hash: 'h' } },
      { ...common, epoch: 3, step: 9 },
    ]);
  });

  it('keeps the metrics of the last whole epoch where one was interrupted', () => {
    const { run } = bench();
    const requests: { metrics: unknown }[] = [];
    run.connect(
      evaluation({
        name: 'last',
        when: (events$) => events$.pipe(filter(({ type }) => type === 'training:end')),
        input: (request) => requests.push(request),
        executor: () => NEVER,
      }),
    );

    run.epochEnd(1, { loss: 2 });
    run.publish({ type: 'epoch:end', epoch: 2, metrics: {}, interrupted: true });
    run.publish({ type: 'training:end', epochs: 1, steps: 0 });

    expect(requests).toMatchObject([{ epoch: 2, metrics: { loss: 2 } }]);
  });

  it('tells a result under its own epoch, also when it ends in a later one', async () => {
    const { clock, run, after } = bench();
    run.connect(evaluation({ name: 'slow', every: 1, overlap: 'skip', executor: () => after(100) }));

    run.epochEnd(1);
    run.publish({ type: 'epoch:start', epoch: 2 });
    await clock.advance(100);

    expect(run.of('evaluation:end')[0]).toMatchObject({ epoch: 1, status: 'completed' });
  });

  it('gives a job its seed, limits, grace and the largest result', () => {
    const { run } = bench();
    const { executor, jobs } = byHand();
    const options = { name: 'quick', every: 1, executor, graceMs: 5, maxResultMb: 1 } as const;

    run.connect(evaluation({ ...options, sla: { memoryMb: 300, itemTimeMs: { limit: 7, action: 'warn' } } }));
    run.epochEnd(1);
    new FakeRun(new VirtualClock()).connect(evaluation(options));
    const again = bench().run;
    again.connect(evaluation({ ...options, sla: false }));
    again.epochEnd(1);

    expect(jobs[0]).toMatchObject({ id: 'quick-1-1', name: 'quick', graceMs: 5, maxResultMb: 1 });
    expect(jobs[0]!.limits).toEqual({
      evaluationTimeMs: 1_800_000,
      startTimeMs: 30_000,
      memoryMb: 300,
      gpuUtilizationPercent: { limit: 80, action: 'throttle', sustainMs: 10_000, whenUnmeasured: 'report' },
    });
    expect(jobs[1]!.seed).toBe(jobs[0]!.seed);
    expect(jobs[1]!.limits).toEqual({});
  });

  // Its rejection, which nobody heard, ended the training's process.
  it('refuses an input that is a promise, and takes its rejection', async () => {
    const { run } = bench();
    const unheard = unheardRejections();
    const input = (() => Promise.reject(new Error('offline'))) as () => never;
    run.connect(evaluation({ name: 'vs', every: 1, input, executor: () => of(1) }));

    run.epochEnd(1);

    expect(run.of('evaluation:end')[0]!.error).toMatchObject({
      code: 'INPUT_FAILED',
      message: expect.stringContaining('it gave a promise') as string,
    });
    expect(await unheard()).toEqual([]);
  });

  describe('atEnd', () => {
    it.each([
      [
        'evaluates the last epoch',
        3,
        ['requested 2', 'start 2', 'end 2 completed', 'requested 3', 'start 3', 'end 3 completed'],
      ],
      ['not again when it was evaluated already', 2, ['requested 2', 'start 2', 'end 2 completed']],
    ])('%s', async (_, epochs, story) => {
      const { clock, run, after } = bench();
      run.connect(evaluation({ name: 'last', every: 2, atEnd: true, executor: () => after(1) }));

      for (let epoch = 1; epoch <= epochs; epoch++) {
        run.epochEnd(epoch);
        await clock.advance(1);
      }
      run.publish({ type: 'training:end', epochs, steps: 0 });
      await clock.advance(1);

      expect(run.story).toEqual(story);
    });

    it('evaluates an epoch whose request was skipped', async () => {
      const { clock, run, after } = bench();
      run.connect(evaluation({ name: 'last', every: 1, atEnd: true, overlap: 'skip', executor: () => after(10) }));

      run.epochEnd(1);
      run.epochEnd(2);
      await clock.advance(10);
      run.publish({ type: 'training:end', epochs: 2, steps: 0 });
      await clock.advance(10);

      expect(run.story.slice(-3)).toEqual(['requested 2', 'start 2', 'end 2 completed']);
      expectConserved(run);
    });

    it('does nothing where nothing was trained', () => {
      const { run } = bench();
      run.connect(evaluation({ name: 'last', every: 1, atEnd: true, executor: () => of(1) }));

      run.publish({ type: 'training:end', epochs: 0, steps: 0 });

      expect(run.story).toEqual([]);
    });
  });

  describe('overlap', () => {
    it('latest: calls input at the request, and what waits holds its own copy', () => {
      const { run } = bench();
      const { executor, jobs, answer } = byHand();
      const weights = new Float32Array([1]);
      const inputs: number[] = [];
      const input = ({ epoch }: { epoch: number }) => {
        inputs.push(epoch);
        return { epoch, weights };
      };
      run.connect(evaluation({ name: 'vs', every: 1, input, executor: executor }));

      run.epochEnd(1);
      weights[0] = 2;
      run.epochEnd(2);
      weights[0] = 3;
      run.epochEnd(3);
      weights[0] = 4;
      expect(inputs).toEqual([1, 2, 3]);
      answer(0);
      answer(1);

      expect(jobs.map((job) => job.input)).toEqual([
        { epoch: 1, weights },
        { epoch: 3, weights: new Float32Array([3]) },
      ]);
      expect(run.story).toEqual([
        'requested 1',
        'start 1',
        'requested 2',
        'requested 3',
        'skipped 2 superseded',
        'end 1 completed',
        'start 3',
        'end 3 completed',
      ]);
      expectConserved(run);
    });

    it('lets the executor pack what has to wait, and only that', () => {
      const { run } = bench();
      const { executor, answer } = byHand();
      const packed: string[] = [];
      const packing = Object.assign(executor, { pack: (job: Job<never>) => packed.push(job.id) });
      run.connect(evaluation({ name: 'vs', every: 1, executor: packing }));

      run.epochEnd(1);
      run.epochEnd(2);
      answer(0);

      expect(packed).toEqual(['vs-2-2']);
    });

    it('passes what cannot be copied as it is', () => {
      const { run } = bench();
      const { executor, jobs, answer } = byHand();
      const play = (): string => 'move';
      run.connect(evaluation({ name: 'vs', every: 1, input: ({ epoch }) => ({ epoch, play }), executor: executor }));

      run.epochEnd(1);
      run.epochEnd(2);
      answer(0);

      expect(jobs[1]!.input).toEqual({ epoch: 2, play });
    });

    it('counts limits from the start, and the time before as queued', async () => {
      const { clock, run } = bench();
      const { executor, answer } = byHand();
      run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 50 } }));

      run.epochEnd(1);
      await clock.advance(40);
      run.epochEnd(2);
      await clock.advance(9);
      answer(0);
      await clock.advance(49);
      answer(1);

      expect(run.of('evaluation:start').map(({ queuedMs }) => queuedMs)).toEqual([0, 9]);
      expect(run.of('evaluation:end').map(({ status, usage }) => [status, usage.wallMs, usage.queuedMs])).toEqual([
        ['completed', 49, 0],
        ['completed', 49, 9],
      ]);
    });

    it('cancel: the running one is ended first, then the new one starts', () => {
      const { run } = bench();
      const { executor, log, answer } = byHand();
      run.connect(evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor }));

      run.epochEnd(1);
      run.epochEnd(2);
      answer(1);

      expect(log).toEqual(['+1', '-1', '+2', '-2']);
      expect(run.story).toEqual([
        'requested 1',
        'start 1',
        'requested 2',
        'end 1 cancelled',
        'start 2',
        'end 2 completed',
      ]);
    });

    it('cancel: waits until an executor that takes aborts says that it is gone', async () => {
      const { clock, run } = bench();
      const executor: Executor = (job) =>
        new Observable((subscriber) =>
          job.onAbort(() => {
            clock.setTimeout(() => {
              subscriber.error(new Error('gone'));
            }, 20);
          }),
        );
      run.connect(evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor }));

      run.epochEnd(1);
      run.epochEnd(2);
      await clock.advance(19);
      expect(run.story).toEqual(['requested 1', 'start 1', 'requested 2']);
      await clock.advance(1);

      expect(run.story.slice(3)).toEqual(['end 1 cancelled', 'start 2']);
    });

    it('parallel: runs as many as the executor has slots', () => {
      const { run } = bench();
      const { executor, log, answer } = byHand();
      run.connect(
        evaluation({ name: 'vs', every: 1, overlap: 'parallel', executor: Object.assign(executor, { slots: 2 }) }),
      );

      for (const epoch of [1, 2, 3]) run.epochEnd(epoch);
      expect(log).toEqual(['+1', '+2']);
      answer(1);
      answer(0);
      answer(2);

      expect(log).toEqual(['+1', '+2', '-2', '+3', '-1', '-3']);
      expectConserved(run);
    });

    it('parallel: is not bounded where the executor is not', () => {
      const { run } = bench();
      const { executor, log } = byHand();
      run.connect(evaluation({ name: 'vs', every: 1, overlap: 'parallel', executor }));

      for (let epoch = 1; epoch <= 50; epoch++) run.epochEnd(epoch);

      expect(log).toHaveLength(50);
    });
  });

  describe('a stop', () => {
    it('ends what runs, skips what waits and what comes', () => {
      const { run } = bench();
      const { executor, log } = byHand();
      run.connect(evaluation({ name: 'vs', every: 1, executor }));

      run.epochEnd(1);
      run.epochEnd(2);
      run.cancel('the run was stopped');
      run.epochEnd(3);

      expect(log).toEqual(['+1', '-1']);
      expect(run.story).toEqual([
        'requested 1',
        'start 1',
        'requested 2',
        'skipped 2 stopping',
        'end 1 cancelled',
        'requested 3',
        'skipped 3 stopping',
      ]);
      expect(run.of('evaluation:end')[0]!.error).toEqual({
        code: 'CANCELLED',
        kind: 'cancelled',
        message: 'The evaluation was cancelled: the run was stopped',
      });
    });

    it.each([
      [
        'unregistered',
        (_: FakeRun, subscription: Subscription) => {
          subscription.unsubscribe();
        },
      ],
      [
        'the run ended',
        (run: FakeRun) => {
          run.end();
        },
      ],
      [
        'its trigger failed',
        (run: FakeRun) => {
          run.publish({ type: 'custom', name: 'fail', value: 0 });
        },
      ],
    ])('when %s: ends what runs, skips what waits, and asks for nothing any more', (_, endIt) => {
      const { run } = bench();
      const { executor, log } = byHand();
      const subscription = run.connect(
        evaluation({
          name: 'vs',
          when: (events$) =>
            events$.pipe(
              filter(({ type }) => type === 'epoch:end' || type === 'custom'),
              map((event) => {
                if (event.type === 'custom') throw new Error('bad trigger');
                return event;
              }),
            ),
          executor,
        }),
      );

      run.epochEnd(1);
      run.epochEnd(2);
      endIt(run, subscription!);
      run.epochEnd(3);

      expect(log).toEqual(['+1', '-1']);
      expect(run.story.slice(3)).toEqual(['skipped 2 stopping', 'end 1 cancelled']);
      expectConserved(run);
    });

    it('gives the error of its trigger on', () => {
      const { run } = bench();

      run.connect(evaluation({ name: 'vs', when: () => throwError(() => new Error('bad')), executor: () => NEVER }));

      expect(run.heard).toEqual([new Error('bad')]);
    });

    // "source$.subscribe is not a function" said neither whose nor what.
    it('says in one sentence that its trigger gives no Observable', () => {
      const { run } = bench();

      run.connect(evaluation({ name: 'vs', when: (() => 5) as never, executor: () => NEVER }));

      expect(run.heard).toHaveLength(1);
      expect((run.heard[0] as Error).message).toMatch(
        /^The trigger \("when"\) of "vs" must give an Observable, but 5 came/,
      );
    });

    // Its rejection, which nobody heard, ended the training's process.
    it('refuses a trigger that gives a promise, and takes its rejection', async () => {
      const { run } = bench();
      const unheard = unheardRejections();

      run.connect(
        evaluation({ name: 'vs', when: (() => Promise.reject(new Error('offline'))) as never, executor: () => NEVER }),
      );

      expect((run.heard[0] as Error).message).toMatch(/must give an Observable, but .* came/);
      expect(await unheard()).toEqual([]);
    });

    // It was served on: what request() asked for ran, and nobody was told.
    it('is over where its trigger throws at once', () => {
      const { clock, run } = bench();
      const breaker = new CircuitBreaker({ clock });
      const { executor, log } = byHand();
      const broken = evaluation({
        name: 'vs',
        when: () => {
          throw new Error('broken trigger');
        },
        breaker,
        executor,
      });
      const results: string[] = [];
      broken.results$.subscribe({ complete: () => results.push('|') });

      run.connect(broken);
      breaker.forceOpen();

      expect(run.heard).toEqual([new Error('broken trigger')]);
      expect([broken.request(), log, results]).toEqual([false, [], ['|']]);
      expect(run.events).toEqual([]);
    });

    it('withholds the end until the executor is idle, where it was unsubscribed from', async () => {
      const { clock, run } = bench();
      let markIdle = (): void => undefined;
      const idle = () => new Promise<void>((resolve) => (markIdle = resolve));
      const subscription = run.connect(
        evaluation({ name: 'vs', every: 1, executor: Object.assign(() => NEVER, { idle }) }),
      );

      run.epochEnd(1);
      subscription!.unsubscribe();
      await clock.advance(10);
      expect(run.story).toEqual(['requested 1', 'start 1']);
      markIdle();
      await clock.advance(0);

      expect(run.story.at(-1)).toBe('end 1 cancelled');
    });

    it.each([
      [
        'throws',
        (): Promise<void> => {
          throw new Error('no idea');
        },
        ['its executor, told to end: no idea'],
      ],
      ['rejects', () => Promise.reject(new Error('no idea')), []],
    ])('ends where idle %s, and decides on', async (_case, idle, told) => {
      const { clock, run } = bench();
      run.connect(
        evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor: Object.assign(() => NEVER, { idle }) }),
      );

      run.epochEnd(1);
      run.epochEnd(2);
      await clock.advance(0);
      run.cancel('over');
      await clock.advance(0);

      expect(run.of('callback:error').map(({ error }) => error.message)).toEqual([...told, ...told]);
      expect(run.story.slice(-2)).toEqual(['start 2', 'end 2 cancelled']);
      expectConserved(run);
    });

    it('withholds the end until the last word of what was accepted', async () => {
      const { clock, run } = bench();
      const executor: Executor = (job) =>
        new Observable(() => {
          job.telemetry.next({ type: 'accepted', enforces: ['evaluationTimeMs'] });
          job.telemetry.next({ type: 'started', pid: 12, queuedMs: 3 });
          return () => {
            clock.setTimeout(() => {
              job.telemetry.next({ type: 'usage', usage: { wallMs: 5, goneMs: 20, cpuMs: 4 } });
            }, 20);
          };
        });
      const subscription = run.connect(evaluation({ name: 'vs', every: 1, executor }));

      run.epochEnd(1);
      subscription!.unsubscribe();
      await clock.advance(19);
      expect(run.story).toEqual(['requested 1', 'start 1']);
      await clock.advance(1);

      expect(run.of('evaluation:start')[0]).toMatchObject({ pid: 12, queuedMs: 3 });
      expect(run.of('evaluation:end')[0]).toMatchObject({
        status: 'cancelled',
        usage: { wallMs: 5, goneMs: 20, cpuMs: 4, cpuShare: 0.8, queuedMs: 3 },
      });
    });
  });

  describe('the breaker', () => {
    const failing = () => throwError(() => new Error('broken'));

    it('opens, skips before input is called, and is told', () => {
      const { run } = bench();
      const inputs: number[] = [];
      const callback = evaluation({
        name: 'vs',
        every: 1,
        input: ({ epoch }) => inputs.push(epoch),
        executor: failing,
      });

      run.connect(callback);
      for (let epoch = 1; epoch <= 4; epoch++) run.epochEnd(epoch);

      expect(callback.breaker!.name).toBe('vs');
      expect(inputs).toEqual([1, 2, 3]);
      expect(run.story.slice(-2)).toEqual(['requested 4', 'skipped 4 breaker-open']);
      expect(run.of('breaker:transition')).toMatchObject([{ name: 'vs', from: 'closed', to: 'open' }]);
      expectConserved(run);
    });

    it('is asked again at the start: what waited is skipped without being subscribed to', () => {
      const { run } = bench();
      const { executor, log, answer } = byHand();
      const callback = evaluation({ name: 'vs', every: 1, executor });
      run.connect(callback);

      run.epochEnd(1);
      run.epochEnd(2);
      callback.breaker!.forceOpen();
      answer(0);

      expect(log).toEqual(['+1', '-1']);
      expect(run.story).toEqual(['requested 1', 'start 1', 'requested 2', 'end 1 completed', 'skipped 2 breaker-open']);
    });

    it('runs on the clock of the run: half-open after the wait, closed after a success', async () => {
      const { clock, run } = bench();
      let healthy = false;
      const callback = evaluation({
        name: 'vs',
        every: 1,
        breaker: { minimumNumberOfCalls: 1, waitDurationInOpenStateMs: 500 },
        executor: () => (healthy ? of('r') : failing()),
      });
      run.connect(callback);

      run.epochEnd(1);
      await clock.advance(499);
      run.epochEnd(2);
      healthy = true;
      await clock.advance(1);
      run.epochEnd(3);

      expect(run.of('breaker:transition').map(({ to }) => to)).toEqual(['open', 'half-open', 'closed']);
      expect(run.story.slice(3)).toEqual([
        'requested 2',
        'skipped 2 breaker-open',
        'requested 3',
        'start 3',
        'end 3 completed',
      ]);
    });

    it('does not count a cancellation', () => {
      const { run } = bench();
      const { executor } = byHand();
      const callback = evaluation({
        name: 'vs',
        every: 1,
        overlap: 'cancel',
        breaker: { minimumNumberOfCalls: 1 },
        executor,
      });
      run.connect(callback);

      run.epochEnd(1);
      run.epochEnd(2);

      expect(callback.breaker).toMatchObject({ state: 'closed', metrics: { bufferedCalls: 0 } });
    });

    it('does not count one on a breaker that was given either, unless its own recordFailure says so', () => {
      const executor: Executor = () => throwError(() => EvaluationError.cancelled('enough'));
      const afterOne = (breaker: CircuitBreaker) => {
        const { run } = bench();
        run.connect(evaluation({ name: 'vs', every: 1, breaker, executor }));
        run.epochEnd(1);
        return breaker.state;
      };

      expect(afterOne(new CircuitBreaker({ minimumNumberOfCalls: 1 }))).toBe('closed');
      expect(afterOne(new CircuitBreaker({ minimumNumberOfCalls: 1, recordFailure: () => true }))).toBe('open');
    });

    it('counts what its recordFailure says where that is given', () => {
      const { run } = bench();
      const recordFailure = (error: unknown) => countsAgainstBreaker(error) && (error as Error).message !== 'offline';
      const broken = ['offline', 'offline', 'bug'];
      const callback = evaluation({
        name: 'vs',
        every: 1,
        breaker: { minimumNumberOfCalls: 1, recordFailure },
        executor: () => throwError(() => new Error(broken.shift())),
      });
      run.connect(callback);
      const states = [1, 2, 3].map((epoch) => {
        run.epochEnd(epoch);
        return callback.breaker!.state;
      });

      expect(states).toEqual(['closed', 'closed', 'open']);
    });

    it('counts a violation', async () => {
      const { clock, run } = bench();
      const callback = evaluation({
        name: 'vs',
        every: 1,
        breaker: { minimumNumberOfCalls: 1 },
        sla: { evaluationTimeMs: 5 },
        executor: () => NEVER,
      });
      run.connect(callback);

      run.epochEnd(1);
      await clock.advance(10);

      expect(callback.breaker!.state).toBe('open');
    });

    it('is shared where it was given, and tells each change once', () => {
      const { run } = bench();
      const breaker = new CircuitBreaker({ name: 'ours' });
      const first = evaluation({ name: 'a', every: 1, breaker, executor: () => of(1) });
      run.connect(first);
      run.connect(evaluation({ name: 'b', every: 1, breaker, executor: () => of(1) }));

      breaker.forceOpen();
      run.epochEnd(1);

      expect(first.breaker).toBe(breaker);
      expect(run.of('breaker:transition')).toHaveLength(1);
      expect(run.of('evaluation:skipped').map(({ name }) => name)).toEqual(['a', 'b']);
    });

    it('can be switched off, and that is told', () => {
      const { run } = bench();
      const callback = evaluation({ name: 'vs', every: 1, breaker: false, sla: false, executor: failing });

      run.connect(callback);
      for (let epoch = 1; epoch <= 5; epoch++) run.epochEnd(epoch);

      expect(callback.breaker).toBeUndefined();
      expect(run.configured).toMatchObject({ every: 1, breaker: false, sla: false, overlap: 'latest' });
      expect(run.story.filter((each) => each.includes('failed'))).toHaveLength(5);
    });
  });

  it('numbers its evaluations on when it is registered again', () => {
    const { run } = bench();
    const callback = evaluation({ name: 'vs', every: 1, executor: () => of(1) });

    run.connect(callback)!.unsubscribe();
    const subscription = run.connect(callback)!;
    run.epochEnd(1);
    subscription.unsubscribe();
    run.connect(callback);
    run.epochEnd(2);

    expect(run.of('evaluation:end').map(({ evaluationId }) => evaluationId)).toEqual(['vs-1-1', 'vs-2-2']);
  });

  it('joins a run in the middle of an epoch: that epoch counts, those before do not', () => {
    const { run } = bench();
    run.state = { ...run.state, epoch: 8 };
    run.connect(evaluation({ name: 'vs', every: 4, executor: () => of(1) }));

    run.epochEnd(8);
    run.epochEnd(9);

    expect(run.story.filter((each) => each.startsWith('requested'))).toEqual(['requested 8']);
  });

  it('decides one request after the other: who asks while another is told comes after it', () => {
    const { run } = bench();
    const { executor } = byHand();
    const asked$ = new Subject<{ epoch: number }>();
    run.connect(
      evaluation({
        name: 'vs',
        when: (events$) => {
          events$.subscribe((event) => {
            if (event.type === 'evaluation:requested' && event.epoch === 1) asked$.next({ epoch: 2 });
          });
          return asked$;
        },
        overlap: 'skip',
        executor,
      }),
    );

    asked$.next({ epoch: 1 });

    expect(run.story).toEqual(['requested 1', 'start 1', 'requested 2', 'skipped 2 busy']);
  });

  it.each(['latest', 'skip', 'queue', 'cancel', 'parallel'] as const)(
    '%s: stays in order when an executor answers at once, and a listener asks again',
    (overlap) => {
      const { run } = bench();
      const callback = evaluation({
        name: 'chain',
        when: (events$) =>
          events$.pipe(
            filter(({ type }) => type === 'epoch:end' || type === 'evaluation:requested' || type === 'evaluation:end'),
            take(20),
          ),
        overlap,
        executor: () => of('r'),
      });
      run.connect(callback);

      run.epochEnd(1);

      expect(run.of('evaluation:requested')).toHaveLength(20);
      expectConserved(run);
    },
  );
});
