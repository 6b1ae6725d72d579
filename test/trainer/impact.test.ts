import { filter, ignoreElements, Observable, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/index.ts';
import type { Executor, Job, PaceOrder } from '../../src/executors/index.ts';
import type { Safeguard, SlaInput } from '../../src/sla/index.ts';
import { fakeExecutor } from '../../src/testing/index.ts';
import { testRun } from './test-run.ts';

interface World {
  /** How many times as long a step takes while an evaluation runs; by name, where each adds to it. */
  readonly slower: number | Readonly<Record<string, number>>;
  readonly sla?: SlaInput | false;
  /** The rule of each, by name, where it is not that of all. */
  readonly rules?: Readonly<Record<string, SlaInput['trainingImpactPercent']>>;
  readonly breaker?: false;
  readonly safeguards?: readonly Safeguard[];
  /** The rule of those that are registered anew, under the same names, as the third epoch begins. */
  readonly rulesAnew?: World['rules'];
  /** How long an evaluation takes; without end if it is not said. */
  readonly evaluationMs?: number;
  readonly names?: readonly string[];
  readonly steps?: number;
  readonly epochs?: number;
  /** After so many steps it costs nothing any more. */
  readonly quietAfter?: number;
  /** What a callback takes of the training's thread at each step. */
  readonly callbackMs?: number;
}

/** A training with steps of 4 ms beside evaluations that slow it down, in virtual time. */
async function trained({
  slower,
  sla,
  breaker,
  safeguards = [],
  evaluationMs,
  rules,
  rulesAnew,
  names = rules === undefined ? ['vs'] : Object.keys(rules),
  steps = 12_000,
  epochs = 2,
  quietAfter = Infinity,
  callbackMs = 0,
}: World) {
  const { trainer, clock, of: eventsOf } = testRun({ epochs, drain: 'cancel', runId: 'impact' });
  const orders: (PaceOrder & { readonly id: string })[] = [];
  const running = new Set<string>();
  const pausedAtMs = new Map<string, number>();
  const pausedMs = new Map<string, number>();
  const times = (): number => {
    if (typeof slower === 'number') return running.size > 0 ? slower : 1;
    return [...running].reduce((product, id) => product * (slower[id.replace(/-.*/, '')] ?? 1), 1);
  };
  const end = evaluationMs === undefined ? [] : [{ atMs: evaluationMs, result: 'done' }];
  const register = (name: string, own: SlaInput | false | undefined) => {
    const fake = fakeExecutor([{ atMs: 1, progress: 1 }, ...end], { clock: clock.virtual });
    const executor: Executor = Object.assign(
      (job: Job) => {
        running.add(job.id);
        job.onPace((order) => {
          orders.push({ ...order, id: job.id });
          const nowMs = clock.now();
          const atMs = pausedAtMs.get(job.id);
          if (order.pauseMs > 0) {
            running.delete(job.id);
            pausedAtMs.set(job.id, atMs ?? nowMs);
          } else {
            running.add(job.id);
            if (atMs !== undefined) pausedMs.set(job.id, (pausedMs.get(job.id) ?? 0) + nowMs - atMs);
            pausedAtMs.delete(job.id);
          }
        });
        return fake(job);
      },
      { enforces: fake.enforces ?? [] },
    );
    return trainer.register(
      evaluation({
        name,
        every: 1,
        executor,
        input: () => ({}),
        safeguards,
        ...(own !== undefined && { sla: own }),
        ...(breaker !== undefined && { breaker }),
      }),
    );
  };
  const registered = names.map((name) =>
    register(name, rules === undefined ? sla : { trainingImpactPercent: rules[name] }),
  );
  if (callbackMs > 0)
    trainer.register({
      name: 'heavy',
      onStep: () => {
        clock.work(callbackMs);
      },
    });
  trainer.events$.subscribe((event) => {
    if (event.type === 'evaluation:end') running.delete(event.evaluationId);
  });
  let isPausedAtEnd: boolean | undefined;
  trainer.events$.subscribe(({ type }) => {
    if (type === 'training:end') isPausedAtEnd = (orders.at(-1)?.pauseMs ?? 0) > 0;
  });
  const outcome = await trainer.fit(async (epoch) => {
    if (epoch.epoch === 1) return;
    if (epoch.epoch === 3 && rulesAnew !== undefined) {
      for (const { unregister } of registered) unregister();
      for (const [name, rule] of Object.entries(rulesAnew)) register(name, { trainingImpactPercent: rule });
    }
    for (let step = 0; step < steps; step++)
      await epoch.step(() => clock.virtual.advance(step < quietAfter ? 4 * times() : 4));
  });
  const pauses = orders.filter(({ pauseMs }) => pauseMs > 0);
  const violations = eventsOf('sla:violation').map((event) => event.violation);
  return { outcome, pauses, violations, isPausedAtEnd, pausedMs, of: eventsOf };
}

describe('what evaluations cost the training', () => {
  it('is told as a violation with its interval, and held by pauses', async () => {
    const { violations, pauses, of } = await trained({ slower: 1.5 });

    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({
      rule: 'trainingImpactPercent',
      limit: 5,
      unit: '%',
      action: 'throttle',
      evaluationId: 'vs-1-1',
    });
    expect(violations[0]?.observed).toBeCloseTo(33, -1);
    expect(violations[0]?.message).toMatch(
      /^The training was slower by [23]\d\.\d % while "vs" ran, \d\d\.\d % to \d\d\.\d % of it by \d+ pairs of windows with it paused and running; the limit is 5 % \(trainingImpactPercent\): it runs part of the time from now on/,
    );
    expect(pauses.length).toBeGreaterThan(100);
    const [end] = of('evaluation:end');
    expect(end?.usage.trainingImpactPercent).toBeLessThan(6);
    expect(of('sla:unmeasured').map(({ rule }) => rule)).not.toContain('trainingImpactPercent');
  });

  it('leaves nothing paused when the training ends, wherever that is in a window', async () => {
    const ends = [];
    for (let steps = 2_000; steps < 2_040; steps++) {
      const { isPausedAtEnd, pauses } = await trained({ slower: 1.5, steps });
      expect(pauses.length).toBeGreaterThan(0);
      ends.push(isPausedAtEnd);
    }
    expect(ends).not.toContain(true);
  });

  it('is nothing to tell where it is within the limit, and is a figure of the evaluation’s end', async () => {
    const { violations, of } = await trained({ slower: 1.001, steps: 9_000, evaluationMs: 34_000 });

    expect(violations).toEqual([]);
    expect(of('evaluation:end')[0]?.usage.trainingImpactPercent).toBeLessThan(2);
  });

  it('is unknown, absent, and said to be unmeasured once, where there was too little of it', async () => {
    const { of } = await trained({ slower: 2, steps: 500 });

    expect(of('evaluation:end')[0]?.usage).not.toHaveProperty('trainingImpactPercent');
    const told = of('sla:unmeasured').filter(({ rule }) => rule === 'trainingImpactPercent');
    expect(told.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^what the evaluations cost .* about 20 pairs of windows .* there were \d$/),
    ]);
  });

  it('ends what breaks the limit where the rule says so', async () => {
    const { outcome, violations } = await trained({
      slower: 2,
      sla: { trainingImpactPercent: { limit: 10, action: 'abort' } },
    });

    expect(outcome.evaluations).toMatchObject({ violated: 1 });
    expect(violations).toMatchObject([{ rule: 'trainingImpactPercent', action: 'abort', limit: 10 }]);
  });

  it('is held against each evaluation of a name, not only the first', async () => {
    const world = { slower: 2, breaker: false, evaluationMs: 60_000, epochs: 4, steps: 10_000 } as const;
    const ended = await trained({ ...world, sla: { trainingImpactPercent: { limit: 10, action: 'abort' } } });
    const warned = await trained({ ...world, sla: { trainingImpactPercent: { limit: 10, action: 'warn' } } });

    // The last is asked for as the training ends.
    expect(ended.outcome.evaluations).toMatchObject({ violated: 3, cancelled: 1 });
    expect(warned.outcome.evaluations).toMatchObject({ completed: 3, cancelled: 1 });
    for (const { violations } of [ended, warned])
      expect(violations.map(({ evaluationId }) => evaluationId)).toEqual(['vs-1-1', 'vs-2-2', 'vs-3-3']);
  });

  it('ends by unsubscription what takes orders to pause and none to end, and its breaker counts that', async () => {
    const { trainer, clock, of } = testRun({ epochs: 2, drain: 'cancel' });
    let isRunning = false;
    let wasLeft = false;
    const executor: Executor = Object.assign(
      (job: Job) =>
        new Observable((subscriber) => {
          isRunning = true;
          job.onPace(({ order, pauseMs }) => {
            isRunning = pauseMs === 0;
            job.telemetry.next({ type: 'paced', order, isPaused: pauseMs > 0, agoMs: 0 });
          });
          subscriber.add(() => {
            isRunning = false;
            wasLeft = true;
          });
        }),
      { enforces: ['trainingImpactPercent'] as const },
    );
    const breaker = { minimumNumberOfCalls: 1 };
    const sla = { trainingImpactPercent: { limit: 10, action: 'abort' } } as const;
    trainer.register(evaluation({ name: 'vs', every: 1, executor, input: () => ({}), sla, breaker }));
    await trainer.fit(async (epoch) => {
      if (epoch.epoch === 1) return;
      for (let step = 0; step < 6_000; step++) await epoch.step(() => clock.virtual.advance(isRunning ? 8 : 4));
    });

    expect(wasLeft).toBe(true);
    expect(of('evaluation:end')).toMatchObject([
      { status: 'violated', violation: { rule: 'trainingImpactPercent', action: 'abort' } },
    ]);
    expect(of('breaker:transition').map(({ to }) => to)).toEqual(['open']);
  });

  it('is only told where the rule only warns: nothing is held', async () => {
    const { outcome, violations, of } = await trained({
      slower: 2,
      evaluationMs: 60_000,
      steps: 16_000,
      sla: { trainingImpactPercent: { limit: 10, action: 'warn' } },
    });

    expect(outcome.evaluations).toMatchObject({ completed: 1 });
    expect(violations).toMatchObject([{ action: 'warn' }]);
    expect(of('evaluation:end')[0]?.usage.trainingImpactPercent).toBeCloseTo(50, -1);
  });

  it('ends what breaks the limit with the smallest share too', async () => {
    const { outcome, violations } = await trained({ slower: 10, steps: 20_000 });

    expect(violations.slice(0, 2).map(({ action }) => action)).toEqual(['throttle', 'abort']);
    expect(violations[1]?.message).toContain('it is ended');
    expect(outcome.evaluations).toMatchObject({ violated: 1 });
  });

  it('is measured of all that run together, and the newest goes first', async () => {
    const { violations } = await trained({ slower: 10, steps: 20_000, names: ['a', 'b'] });

    expect(violations.slice(0, 2).map(({ evaluationId }) => evaluationId)).toEqual(['a-1-1', 'b-1-1']);
    expect(violations.find(({ action }) => action === 'abort')?.evaluationId).toBe('b-1-1');
  });

  it('is learned from many short evaluations too, and held for those that come after', async () => {
    const { violations } = await trained({ slower: 2, evaluationMs: 7_000, epochs: 12, steps: 1_500 });

    const [first, ...later] = violations;
    expect(first?.evaluationId).not.toBe('vs-1-1');
    expect(first?.message).toContain('pairs of windows');
    expect(later.length).toBeGreaterThan(2);
    for (const { message, observed } of later) {
      expect(message).toContain('as was measured of the one before');
      // With what they cost all the time, not with what they cost since they are held.
      expect(observed).toBeCloseTo(50, -1);
    }
  });

  it('is judged by the own limit of each that runs beside others', async () => {
    const ended = await trained({
      slower: 1.1,
      rules: { a: { limit: 50, action: 'abort' }, b: { limit: 2, action: 'warn' } },
    });
    const throttled = await trained({ slower: 1.5, rules: { a: 50, b: { limit: 0.5, action: 'warn' } } });

    for (const { violations, outcome } of [ended, throttled]) {
      expect(violations.map(({ evaluationId, action }) => [evaluationId, action])).toEqual([['b-1-1', 'warn']]);
      expect(outcome.evaluations).toMatchObject({ violated: 0 });
    }
    expect(throttled.of('evaluation:end')[0]?.usage.trainingImpactPercent).toBeCloseTo(33, -1);
  });

  it('is judged by the present rule of a name that is registered anew', async () => {
    const { violations, of } = await trained({
      slower: 1.3,
      steps: 8_000,
      epochs: 4,
      rules: { a: 5 },
      rulesAnew: { a: { limit: 10, action: 'warn' } },
    });

    expect(of('evaluation:start').map(({ evaluationId }) => evaluationId)).toEqual(['a-1-1', 'a-3-3']);
    expect(violations.map(({ evaluationId, action, limit }) => [evaluationId, action, limit])).toEqual([
      ['a-1-1', 'throttle', 5],
      ['a-3-3', 'warn', 10],
    ]);
  });

  it('is held for all that may be given less to the smallest of their limits, and says whose', async () => {
    const { violations } = await trained({ slower: 10, steps: 20_000, rules: { a: 5, b: 95 } });

    expect(violations.slice(0, 3)).toMatchObject([
      { evaluationId: 'a-1-1', action: 'throttle', limit: 5 },
      { evaluationId: 'b-1-1', action: 'throttle', limit: 5 },
      // Though the other one is newer: its own limit is kept.
      { evaluationId: 'a-1-1', action: 'abort', limit: 5 },
    ]);
    expect(violations[0]?.message).toContain('5 % (trainingImpactPercent): it runs part of the time');
    expect(violations[1]?.message).toContain('5 % (trainingImpactPercent, the smallest of those that run together)');
  });

  it('is measured also of what may not be given less, while another is held: pauses now and then are for all', async () => {
    const { violations, of, pausedMs } = await trained({
      slower: 2,
      steps: 20_000,
      evaluationMs: 120_000,
      rules: { a: 5, b: { limit: 5, action: 'warn' } },
    });

    // Either costs half of the speed: that one is held changes nothing.
    const ofFirst = violations.filter(({ evaluationId }) => evaluationId.endsWith('-1-1'));
    expect(ofFirst.map(({ evaluationId, action }) => [evaluationId, action])).toEqual([
      ['a-1-1', 'throttle'],
      ['b-1-1', 'warn'],
    ]);
    expect(of('sla:recovered')).toEqual([]);
    for (const { usage } of of('evaluation:end').slice(0, 2)) expect(usage.trainingImpactPercent).toBeCloseTo(50, -1);
    expect(pausedMs.get('b-1-1')).toBeLessThan(0.12 * 120_000);
  });

  it('is told, of what joins others that are held, as what had them held', async () => {
    const { violations } = await trained({
      slower: { a: 4, b: 1.15 },
      steps: 12_000,
      epochs: 4,
      evaluationMs: 80_000,
      rules: { a: 50, b: { limit: 5, action: 'warn' } },
    });

    // What both cost since is above the limit of the one, and below that of the other.
    const throttled = violations.filter(({ action }) => action === 'throttle');
    expect(throttled.length).toBeGreaterThan(1);
    for (const { observed } of throttled) expect(observed).toBeGreaterThan(60);
  });

  it('ends what may not cost so much soon, though another is held already', async () => {
    const { of } = await trained({
      slower: 2,
      steps: 9_000,
      epochs: 4,
      evaluationMs: 60_000,
      breaker: false,
      rules: { a: 5, b: { limit: 5, action: 'abort' } },
    });

    const ends = of('evaluation:end').filter(({ status }) => status === 'violated');
    expect(ends.map(({ evaluationId }) => evaluationId)).toEqual(['b-1-1', 'b-2-2', 'b-3-3']);
    for (const { usage } of ends) expect(usage.wallMs).toBeLessThan(30_000);
  });

  it('is unknown while one is held beside another that may not be, until that is measured too', async () => {
    const seen: (number | null)[] = [];
    const watching: Safeguard = ({ id, impact$ }) =>
      impact$.pipe(
        filter(() => id === 'a-1-1'),
        tap((percent) => seen.push(percent)),
        ignoreElements(),
      );
    await trained({
      slower: 2,
      steps: 6_000,
      safeguards: [watching],
      rules: { a: 5, b: { limit: 5, action: 'warn' } },
    });

    // Of both all the time, and of both as they are since: one that is held for nothing, and one that costs as much alone.
    const [first, ofBoth, whileHeld, ...since] = seen;
    expect([first, whileHeld]).toEqual([null, null]);
    expect(since.length).toBeGreaterThan(0);
    for (const percent of [ofBoth, ...since]) expect(Math.abs((percent ?? 0) - 50)).toBeLessThan(10);
  });

  it('is told to be kept again of what only warns, and never was held', async () => {
    const { of } = await trained({
      slower: 2,
      quietAfter: 2_500,
      steps: 25_000,
      sla: { trainingImpactPercent: { limit: 10, action: 'warn' } },
    });

    const [recovered] = of('sla:recovered');
    expect(recovered?.violation).toMatchObject({ evaluationId: 'vs-1-1', action: 'warn', limit: 10 });
    expect(recovered?.violation.observed).toBeLessThan(10);
    expect(recovered?.violation.message).toMatch(/the limit is 10 % \(trainingImpactPercent\): it is kept again\.$/);
  });

  it('is what safeguards see as impact$: null, then percent', async () => {
    const seen: (number | null)[] = [];
    const watching: Safeguard = ({ impact$ }) =>
      impact$.pipe(
        tap((percent) => seen.push(percent)),
        ignoreElements(),
      );
    await trained({ slower: 2, safeguards: [watching] });

    expect(seen[0]).toBeNull();
    expect(seen[1]).toBeCloseTo(50, -1);
  });

  it('counts callbacks on the training’s thread by name, and says that no pause helps against them', async () => {
    const { violations } = await trained({ slower: 1, callbackMs: 1 });

    const warned = violations.find(({ action }) => action === 'warn');
    expect(warned?.message).toMatch(
      /^Callbacks on the training thread alone take (19|20|21)\.\d % of its time \(heavy /,
    );
  });

  it('is judged without the callbacks where these alone break the limit', async () => {
    const { of } = await trained({
      slower: 2,
      quietAfter: 6_000,
      steps: 40_000,
      callbackMs: 0.4,
      sla: { trainingImpactPercent: { limit: 5, action: 'warn' } },
    });

    const [recovered] = of('sla:recovered');
    expect(recovered?.violation.observed).toBeLessThan(5);
    expect(recovered?.violation.observed).toBeGreaterThanOrEqual(0);
    expect(recovered?.violation.message).toMatch(
      /^The training was slower by [0-4]\.\d % while "vs" ran, .*, besides \d+\.\d % by callbacks on its thread \(heavy \d+\.\d %.*\), against which no pause helps; the limit is 5 %.*: it is kept again\.$/,
    );
  });

  it('is left alone without an SLA', async () => {
    const { violations, pauses, of } = await trained({ slower: 2, sla: false, steps: 6_000 });

    expect({ violations, pauses }).toEqual({ violations: [], pauses: [] });
    expect(of('sla:unmeasured').map(({ rule }) => rule)).not.toContain('trainingImpactPercent');
  });
});

describe('an executor that takes no orders to pause', () => {
  const executor: Executor = () => {
    throw new Error('never called');
  };

  it('cannot be given the rule', () => {
    expect(() => evaluation({ name: 'vs', every: 1, executor, sla: { trainingImpactPercent: 3 } })).toThrow(
      'The SLA of "vs" has the rule "trainingImpactPercent", which its executor cannot hold: it takes no orders to pause',
    );
  });

  it('is told once not to hold the default', async () => {
    const { trainer, of } = testRun({ epochs: 2 });
    trainer.register(evaluation({ name: 'vs', every: 1, executor, input: () => ({}) }));
    await trainer.fit(async () => Promise.resolve());

    const told = of('sla:unenforceable').filter(({ rule }) => rule === 'trainingImpactPercent');
    expect(told).toHaveLength(1);
  });
});
