import { describe, expect, it } from 'vitest';
import { createJob, type Telemetry } from '../../src/executors/index.ts';
import { EvaluationError, guard, maxMemory } from '../../src/sla/index.ts';
import {
  fakeExecutor,
  marbles,
  VirtualClock,
  type FakeExecutorOptions,
  type FakeScript,
} from '../../src/testing/index.ts';
import { failureOf } from './failure-of.ts';

/** A job that writes down what it is told, and when. */
function toldJob(clock: VirtualClock) {
  const told: [number, Telemetry][] = [];
  const job = createJob({ input: 1, telemetry: { next: (telling) => told.push([clock.now(), telling]) } });
  return { told, job, types: () => told.map(([atMs, { type }]) => `${type}@${atMs}`) };
}

/** Subscribes and writes down what comes. */
function heard(execution: ReturnType<ReturnType<typeof fakeExecutor>>, clock: VirtualClock) {
  const came: unknown[] = [];
  const subscription = execution.subscribe({
    next: (value) => came.push([clock.now(), value]),
    error: (error: unknown) => {
      const { kind, code, message } = error as EvaluationError;
      came.push([clock.now(), kind, code, message]);
    },
    complete: () => came.push([clock.now(), '|']),
  });
  return { came, subscription };
}

describe('a scripted evaluation', () => {
  it('tells what its script says when it says it, and answers', async () => {
    const clock = new VirtualClock();
    const { told, job } = toldJob(clock);
    const execute = fakeExecutor(
      [
        { atMs: 10, sample: 300, progress: 1 },
        { atMs: 20, sample: { cpuPercent: 90 }, progress: { done: 2, total: 4, note: 'half' } },
        { atMs: 30, item: 'game 1' },
        { atMs: 30, item: 1, partial: { won: 1 } },
        { atMs: 50, result: { winRate: 0.6 } },
      ],
      { clock, startMs: 5 },
    );

    const { came } = heard(execute(job), clock);
    await clock.advance(100);

    const unmeasured = { memoryMb: null, cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null };
    expect(told).toEqual([
      [0, { type: 'accepted', enforces: [] }],
      [5, { type: 'started', queuedMs: 0 }],
      [15, { type: 'sample', ...unmeasured, memoryMb: 300 }],
      [15, { type: 'progress', done: 1 }],
      [25, { type: 'sample', ...unmeasured, cpuPercent: 90 }],
      [25, { type: 'progress', done: 2, total: 4, note: 'half' }],
      [35, { type: 'item', done: 0, running: { name: 'game 1', forMs: 0 } }],
      [35, { type: 'item', done: 1, running: null }],
      [35, { type: 'partial', value: { won: 1 } }],
      [55, { type: 'usage', usage: {} }],
    ]);
    expect(came).toEqual([[55, { winRate: 0.6 }], [55, '|']]); // prettier-ignore
    expect(execute.executions).toMatchObject([{ status: 'completed', isGone: true }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['a sentence', 'out of luck', ['crashed', 'EVALUATOR_CRASHED', 'out of luck']],
    [
      'an error of its code',
      new TypeError('no game'),
      ['crashed', 'EVALUATOR_CRASHED', 'The evaluator threw: TypeError: no game'],
    ],
    [
      'an error of any kind',
      new EvaluationError('rejected', 'INPUT_INVALID', 'no'),
      ['rejected', 'INPUT_INVALID', 'no'],
    ],
  ])('crashes with %s', async (_, crash, expected) => {
    // prettier-ignore
    const clock = new VirtualClock();
    const { came } = heard(fakeExecutor([{ atMs: 3, crash }], { clock })(createJob({ input: 1 })), clock);
    await clock.advance(3);

    expect(came).toEqual([[3, ...expected]]);
  });

  it.each([
    ['says so', [{ atMs: 3, hang: true }]],
    ['has no end', [{ atMs: 3, sample: 1 }]],
    ['is empty', []],
  ] satisfies [string, FakeScript][])('hangs when its script %s', async (_, script) => {
    const clock = new VirtualClock();
    const { came, subscription } = heard(fakeExecutor(script, { clock })(createJob({ input: 1 })), clock);
    await clock.advance(1e9);

    expect(came).toEqual([]);
    subscription.unsubscribe();
  });

  it('may be another for each job', async () => {
    const clock = new VirtualClock();
    const execute = fakeExecutor<number, string>(({ input }, number) => [{ atMs: input, result: `${number}.` }], {
      clock,
    });
    const first = heard(execute(createJob({ input: 20 })), clock);
    const second = heard(execute(createJob({ input: 10 })), clock);
    await clock.advance(20);

    expect(first.came[0]).toEqual([20, '1.']);
    expect(second.came[0]).toEqual([10, '2.']);
  });
});

describe('its end', () => {
  it('by an unsubscription is silent; the slot is kept until it is gone', async () => {
    const clock = new VirtualClock();
    const execute = fakeExecutor([{ atMs: 1, sample: 1 }], { clock, slots: 1, goneMs: 40 });
    const killed = toldJob(clock);
    const next = toldJob(clock);
    let isIdle = false;
    const { came, subscription } = heard(execute(killed.job), clock);
    const waiting = heard(execute(next.job), clock).subscription;
    await clock.advance(10);

    subscription.unsubscribe();
    const idle = execute.idle().then(() => (isIdle = true));
    await clock.advance(39);
    expect(execute.executions.map(({ status, isGone }) => [status, isGone])).toEqual([['killed', false], ['waiting', false]]); // prettier-ignore
    await clock.advance(1);
    expect(killed.types()).toEqual(['accepted@0', 'started@0', 'sample@1', 'usage@50']);
    expect(next.told).toContainEqual([50, { type: 'started', queuedMs: 50 }]);
    expect(came).toEqual([]);

    expect(isIdle).toBe(false);
    waiting.unsubscribe();
    await clock.advance(40);
    await idle;
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['a sentence', 'enough', ['cancelled', 'CANCELLED', 'The evaluation was cancelled: enough']],
    [
      'a violation',
      {
        rule: 'games',
        limit: 1,
        observed: 2,
        unit: '',
        action: 'abort' as const,
        evaluationId: 'e',
        observedAt: 0,
        lateByHostMs: 0,
        pausedMs: 0,
        message: 'too many games',
      },
      ['violation', 'SLA_VIOLATION', 'too many games'],
    ],
  ])('by an abort with %s is told when it is gone', async (_, reason, error) => {
    const clock = new VirtualClock();
    const { job, types } = toldJob(clock);
    const { came } = heard(fakeExecutor([{ atMs: 20, result: 'late' }], { clock, goneMs: 40 })(job), clock);
    await clock.advance(10);

    expect(job.abort(reason)).toBe(true);
    await clock.advance(100);

    expect(came).toEqual([[50, ...error]]);
    expect(types()).toEqual(['accepted@0', 'started@0', 'usage@50']);
  });

  it('comes at once while it waits for a slot', async () => {
    const clock = new VirtualClock();
    const execute = fakeExecutor([], { clock, slots: 1, goneMs: 40 });
    const running = heard(execute(createJob({ input: 1 })), clock);
    const { job, told } = toldJob(clock);
    const { came } = heard(execute(job), clock);
    await clock.advance(7);

    job.abort('enough');

    expect(came).toEqual([[7, 'cancelled', 'CANCELLED', 'The evaluation was cancelled: enough']]);
    expect(told.at(-1)).toEqual([7, { type: 'usage', usage: { queuedMs: 7 } }]);
    running.subscription.unsubscribe();
  });

  it('comes before its beginning for a job that was aborted before', () => {
    const clock = new VirtualClock();
    const execute = fakeExecutor([{ atMs: 0, result: 1 }], { clock, slots: 1 });
    const job = createJob({ input: 1 });
    job.abort('never mind');
    const { came } = heard(execute(job), clock);

    expect(came).toMatchObject([[0, 'cancelled', 'CANCELLED', expect.any(String)]]);
    expect(execute.executions).toMatchObject([{ status: 'aborted', isGone: true }]);
    expect(job.abort('again')).toBe(false);
  });
});

it('runs in a marble test too, under a guard', () => {
  marbles(({ scheduler, samples, expectObservable }) => {
    const execute = fakeExecutor([{ atMs: 9, result: 'r' }], { scheduler });
    const guarded = guard([maxMemory(5)], { samples$: samples('--3-6'), scheduler });
    expectObservable(execute(createJob({ input: 1 }))).toBe('---------(r|)');
    expectObservable(execute(createJob({ input: 1 })).pipe(guarded), '^').toBe(
      '----#',
      undefined,
      expect.objectContaining({ code: 'SLA_VIOLATION' }),
    );
  }, { assertEqual: (actual, expected) => { expect(actual).toEqual(expected); } }); // prettier-ignore
});

it.each([
  ['no time', [], undefined, 'fakeExecutor(script, options) must get the time it runs in'],
  ['an unknown option', [], { slot: 1 }, 'unknown key "slot": did you mean "slots"?'],
  ['no whole slot', [], { slots: 0 }, '"slots" must be a whole number of executions'],
  ['a negative start', [], { startMs: -1 }, '"startMs" must be milliseconds, from 0 on'],
  ['no script', 'r', {}, 'must be an array of moments'],
  ['a moment without a time', [{ result: 1 }], {}, '"[0].atMs" must be milliseconds'],
  ['an unknown moment', [{ atMs: 1, results: 1 }], {}, 'did you mean "result"?'],
  // What nobody reads told nothing, and a test of a limit passed on it.
  [
    'a sample of a text',
    [{ atMs: 1, sample: '300' }],
    {},
    '"[0].sample" must be MB, null, or the fields of a sample, but "300" came',
  ],
  [
    'a field that no sample has',
    [{ atMs: 1, sample: { memory: 300 } }],
    {},
    '"[0].sample.memory": did you mean "memoryMb"?',
  ],
  ['a progress of nothing', [{ atMs: 1, progress: { total: 3 } }], {}, '"[0].progress.done" must be a number'],
  ['a field that no item has', [{ atMs: 1, item: { name: 'a' } }], {}, 'unknown key "[0].item.name"'],
  ['moments out of order', [{ atMs: 2 }, { atMs: 1 }], {}, 'the moment at 1 ms comes after that at 2 ms'],
  ['two ends', [{ atMs: 2, result: 1, crash: 'x' }], {}, 'it ends at 2 ms with result and crash'],
  ['an end in its middle', [{ atMs: 2, result: 1 }, { atMs: 3 }], {}, 'one end is its last moment’s'.replace('’', "'")],
])('refuses %s', (_, script, options, message) => {
  const given = (options === undefined ? undefined : { clock: new VirtualClock(), ...options }) as FakeExecutorOptions;

  expect(failureOf(() => fakeExecutor(script as FakeScript, given)).message).toContain(message);
});
