import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { concat, EMPTY, firstValueFrom, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/index.ts';
import type { RunEvent, Violation } from '../../src/events/index.ts';
import { createJob } from '../../src/executors/index.ts';
import { EvaluationError, guard, maxMemory, violationOf } from '../../src/sla/index.ts';
import {
  fakeExecutor,
  fakeTrainer,
  pitwallMatchers,
  runEvent,
  VirtualClock,
  type RunEventSketch,
} from '../../src/testing/index.ts';
import { failureOf, rejectionOf } from './failure-of.ts';

expect.extend(pitwallMatchers);

const violation: Violation = {
  rule: 'memoryMb',
  limit: 500,
  observed: 512.04,
  unit: 'MB',
  action: 'abort',
  evaluationId: 'e-1',
  observedAt: 0,
  lateByHostMs: 0,
  pausedMs: 0,
};
const told = runEvent({ type: 'sla:violation', violation });
const error = EvaluationError.ofViolation(violation);

describe('toViolate', () => {
  it.each([
    ['a violation', violation],
    ['violations', [{ ...violation, rule: 'itemTimeMs' }, violation]],
    ['an event', told],
    ['the end of an evaluation', runEvent({ type: 'evaluation:end', status: 'violated', violation })],
    ['events', [runEvent({ type: 'epoch:end', epoch: 1 }), told]],
    ['the events of a fake training', { outcome: {}, events: [told] }],
    ['an error', error],
  ])('finds the broken rule in %s', (_, received) => {
    expect(received).toViolate('memoryMb');
    expect(received).toViolate('memoryMb', { limit: 500, action: 'abort' });
    expect(received).not.toViolate('evaluationTimeMs');
    expect(received).not.toViolate('memoryMb', { limit: 400 });
  });

  it.each([
    ['that emits it', of(violation)],
    ['that emits it late and goes on', concat(Promise.resolve(1), of(told), NEVER)],
    [
      'that errors with it',
      concat(
        of({ winRate: 1 }),
        throwError(() => error),
      ),
    ],
  ])('finds it in a stream %s', async (_, received$) => {
    await expect(received$).toViolate('memoryMb', { limit: 500 });
  });

  it('finds it in what a promise rejects with, or resolves to', async () => {
    const rejecting = firstValueFrom(throwError(() => error));
    await expect(rejecting).toViolate('memoryMb');
    await expect(rejecting).rejects.toViolate('memoryMb');
    await expect(Promise.resolve([told])).toViolate('memoryMb');
  });

  it('finds it under a guard', async () => {
    const sample = { memoryMb: 600, cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null };
    await expect(NEVER.pipe(guard([maxMemory(500)], { samples$: of(sample) }))).toViolate('memoryMb', {
      observed: 600,
    });
  });

  it.each([
    ['no rule was broken', [], {}, 'The rule "memoryMb" was to be broken, but no rule was.'],
    [
      'another was',
      [{ ...violation, rule: 'itemTimeMs', unit: 'ms' }],
      {},
      'The rule "memoryMb" was to be broken, but\n  itemTimeMs: 512 ms observed, the limit is 500 ms',
    ],
    [
      'it was broken otherwise',
      [violation],
      { limit: 400 },
      'The rule "memoryMb" was to be broken, but\n  memoryMb: 512 MB observed, the limit is 500 MB, but limit was to be 400, but 500 came',
    ],
    ['it was over', [runEvent({ type: 'sla:recovered', violation })], {}, 'but no rule was.'],
    ['it failed in another way', new Error('no game'), {}, 'but no rule was.'],
  ])('says that %s', (_, received, fields, message) => {
    expect(failureOf(() => { expect(received).toViolate('memoryMb', fields); }).message).toContain(message); // prettier-ignore
  });

  it.each([
    ['a stream that ends well', of({ winRate: 1 }), 'but no rule was.'],
    ['an empty stream', EMPTY, 'but no rule was.'],
    ['a stream that fails', throwError(() => new Error('no game')), 'but\n  it failed with: no game'],
  ])('says so of %s', async (_, received, message) => {
    expect((await rejectionOf(() => expect(received).toViolate('memoryMb'))).message).toContain(message);
  });

  it('says so of a promise that rejects', async () => {
    const received = Promise.reject(new Error('no game'));

    const failure = await rejectionOf(() => expect(received).toViolate('memoryMb'));

    expect(failure.message).toContain('but\n  it failed with: no game');
  });

  it('says what was broken that was not to be', () => {
    expect(
      failureOf(() => {
        expect([told]).not.toViolate('memoryMb');
      }).message,
    ).toBe(
      // prettier-ignore
      'The rule "memoryMb" was not to be broken, but it was: memoryMb: 512 MB observed, the limit is 500 MB',
    );
  });

  // Its end tells what has ended an evaluation again.
  it('lists each violation of a whole run once', async () => {
    const { clock, register, run } = fakeTrainer(2);
    const executor = fakeExecutor([{ atMs: 10, sample: 600 }], { clock });
    register(evaluation({ name: 'e', every: 1, executor, input: () => 1, sla: { memoryMb: 500 } }));
    const { events } = await run();
    const linesOf = (check: () => void): number => failureOf(check).message.split('600 MB').length - 1;

    expect(events.filter(({ type }) => type === 'sla:violation')).toHaveLength(2);
    expect(linesOf(() => { expect(events).toViolate('itemTimeMs'); })).toBe(2); // prettier-ignore
    expect(linesOf(() => { expect(events).toViolate('memoryMb', { limit: 400 }); })).toBe(2); // prettier-ignore
    expect(linesOf(() => { expect(events).not.toViolate('memoryMb'); })).toBe(2); // prettier-ignore
  });

  // Nothing is of no rule, so that it passed whatever was broken.
  it.each([undefined, '', 5])('refuses the rule %j, with .not too', (rule) => {
    expect(() => {
      expect([told]).not.toViolate(rule as string);
    }).toThrow('expect(…).toViolate(rule) must get the key of a rule');
  });

  it.each([42, undefined, 'memoryMb', { outcome: 1 }])('refuses %j, with what it takes', (received) => {
    expect(
      failureOf(() => {
        expect(received).toViolate('memoryMb');
      }),
    ).toMatchObject({
      // prettier-ignore
      name: 'ConfigurationError',
      message: expect.stringContaining('must get violations, events of a run') as string,
    });
  });
});

describe('toConserve', () => {
  const sketch = (type: RunEventSketch['type'], evaluationId: string, more = {}): RunEvent =>
    runEvent({ type, evaluationId, name: 'vs-random', epoch: 3, ...more });
  const whole = [sketch('evaluation:requested', 'a'), sketch('evaluation:start', 'a'), sketch('evaluation:end', 'a')];
  const counts = { requested: 1, completed: 1, violated: 0, failed: 0, cancelled: 0, skipped: 0 };

  it('holds for a real run, by its events, its outcome and its counts', async () => {
    const { clock, register, run } = fakeTrainer(Array.from({ length: 9 }, () => ({ stepMs: 100 })));
    const executor = fakeExecutor<number>(({ input }) => (input % 3 === 0 ? [] : [{ atMs: 250, result: 1 }]), {
      clock,
    });
    register(
      evaluation({ name: 'e', every: 1, executor, input: ({ epoch }) => epoch, sla: { evaluationTimeMs: 300 } }),
    );

    const training = await run();

    expect(training).toConserve();
    expect(training.events).toConserve();
    expect(training.outcome).toConserve();
    expect(training.outcome.evaluations).toConserve();
    expect(training).toViolate('evaluationTimeMs', { limit: 300 });
    expect(training.outcome.evaluations).toMatchObject({ requested: 9 });
  });

  it('holds for all that was written of a resumed run, whose end counts no more than what stands', () => {
    const [requested, , end] = whole.map((event, index) => ({ ...event, seq: index + 2 }));
    const lost = { ...end, seq: 3 };
    const again = { ...requested, seq: 5, evaluationId: 'b' };
    const events = [
      runEvent({ type: 'run:start', seq: 1 }),
      requested,
      lost,
      runEvent({ type: 'run:resume', seq: 4, fromSeq: 1, fromEpoch: 0 }),
      again,
      { ...end, seq: 6, evaluationId: 'b' },
      runEvent({ type: 'run:end', seq: 7, evaluations: counts }),
    ];

    expect(events).toConserve();
  });

  it.each([
    [
      'is lost',
      [sketch('evaluation:requested', 'a')],
      '"vs-random" of epoch 3 (a) was requested, and never ended or skipped',
    ],
    ['is asked for twice', [...whole, sketch('evaluation:requested', 'a')], 'was requested twice'],
    ['ends twice', [...whole, sketch('evaluation:end', 'a')], '(evaluation:end) after it was completed'],
    [
      'is skipped and ends',
      [sketch('evaluation:requested', 'a'), sketch('evaluation:skipped', 'a'), sketch('evaluation:end', 'a')],
      '(evaluation:end) after it was skipped',
    ],
    ['was never asked for', whole.slice(1), '(evaluation:start) without a request'],
    [
      'speaks after its end',
      [...whole, sketch('evaluation:sample', 'a')],
      '(evaluation:sample) after it was completed',
    ],
    [
      'is counted otherwise',
      [...whole, runEvent({ type: 'run:end', evaluations: { ...counts, completed: 0, failed: 1 } })],
      'run:end counts 0 completed, and the events tell of 1',
    ],
    [
      'is not counted',
      [...whole, runEvent({ type: 'run:end', evaluations: { ...counts, completed: 0 } })],
      'run:end counts 1 requested, and 0 completed + 0 violated + 0 failed + 0 cancelled + 0 skipped = 0',
    ],
  ])('fails where an evaluation %s', (_, events, message) => {
    // prettier-ignore
    const failure = failureOf(() => { expect(events).toConserve(); }); // prettier-ignore

    expect(failure.message).toMatch(/^Every evaluation that is requested was to end once/);
    expect(failure.message).toContain(message);
    expect(events).not.toConserve();
  });

  it('fails for counts that do not add up', () => {
    expect(
      failureOf(() => {
        expect({ ...counts, requested: 2 }).toConserve();
      }).message,
    ).toContain(
      // prettier-ignore
      'the run counts 2 requested, and 1 completed + 0 violated + 0 failed + 0 cancelled + 0 skipped = 1',
    );
    expect(failureOf(() => { expect(counts).not.toConserve(); }).message).toMatch(/^Some evaluation was to be lost/); // prettier-ignore
  });

  it.each([42, null, { evaluations: { requested: 1 } }])('refuses %j', (received) => {
    expect(failureOf(() => { expect(received).toConserve(); }).name).toBe('ConfigurationError'); // prettier-ignore
  });
});

describe('toLeaveNothingRunning', () => {
  it('holds for what ends, also a turn later', async () => {
    await expect(() => undefined).toLeaveNothingRunning();
    await expect(() => wait(1)).toLeaveNothingRunning();
    await expect(() => void setTimeout(() => undefined, 20)).toLeaveNothingRunning();
  });

  it('finds a timer and a server', async () => {
    const server = createServer();
    const timers: NodeJS.Timeout[] = [];
    const { message } = await rejectionOf(() =>
      expect(async () => {
        // More than the test runner's own, of which one may end meanwhile.
        for (let count = 0; count < 9; count++) timers.push(setInterval(() => undefined, 60_000));
        await new Promise<void>((resolve) => server.listen(0, resolve));
      }).toLeaveNothingRunning({ withinMs: 0 }),
    );
    for (const timer of timers) clearInterval(timer);
    server.close();

    expect(message).toMatch(/^Nothing was to be left running, but after 0 ms there still is\n/);
    expect(message).toMatch(/[5-9] × Timeout keeps? the event loop alive/);
    expect(message).toContain('1 × TCPServerWrap keeps the event loop alive');
  });

  it('looks at an executor until it is idle', async () => {
    const clock = new VirtualClock();
    const executor = fakeExecutor([], { clock, goneMs: 10 });
    const running = executor(createJob({ input: 1 })).subscribe();
    const check = () => expect(executor).toLeaveNothingRunning({ withinMs: 0 });

    expect((await rejectionOf(check)).message).toContain('the executor, which is not idle');
    running.unsubscribe();
    expect((await rejectionOf(check)).message).toContain('the executor, which is not idle');
    await clock.advance(10);
    await check();
  });

  it('looks at a virtual clock', async () => {
    const clock = new VirtualClock();
    await expect(clock).toLeaveNothingRunning();
    const cancel = clock.setTimeout(() => undefined, 1);
    expect((await rejectionOf(() => expect(clock).toLeaveNothingRunning())).message).toContain(
      '1 × timer of the virtual',
    );
    await expect(clock).not.toLeaveNothingRunning();
    cancel();
    expect((await rejectionOf(() => expect(clock).not.toLeaveNothingRunning())).message).toBe(
      'Something was to be left running, but nothing is.',
    );
  });

  it('gives what its function throws, and refuses what it cannot call', async () => {
    const failing = () => Promise.reject(new Error('no game'));
    expect((await rejectionOf(() => expect(failing).toLeaveNothingRunning())).message).toBe('no game');
    const refused = await rejectionOf(() => expect(Promise.resolve()).toLeaveNothingRunning());
    expect(refused.message).toContain(
      'must get a function to call, an executor, or a VirtualClock, but a Promise came',
    );
    const unknown = { within: 5 } as never;
    expect((await rejectionOf(() => expect(failing).toLeaveNothingRunning(unknown))).message).toContain('"withinMs"');
  });
});

it('violationOf makes what toViolate reads', () => {
  const guarded = { id: 'e', scheduler: { now: () => 3, schedule: () => { throw new Error('none'); } } }; // prettier-ignore
  const made = violationOf(guarded, { rule: 'stallMs', limit: 1, observed: 2, unit: 'ms', action: 'warn' });
  expect(made).toViolate('stallMs', { action: 'warn', evaluationId: 'e' });
});
