import { ignoreElements, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/index.ts';
import type { EventOf } from '../../src/events/index.ts';
import type { Executor, Job } from '../../src/executors/index.ts';
import type { SlaInput } from '../../src/sla/index.ts';
import { fakeExecutor } from '../../src/testing/index.ts';
import type { TrainerOptions } from '../../src/trainer/index.ts';
import { testRun } from './test-run.ts';

interface MemberOptions {
  readonly rule?: SlaInput['trainingImpactPercent'];
  /** Without end if it is not said. */
  readonly evaluationMs?: number;
  /** What is aborted takes so long until it is gone. */
  readonly goneMs?: number;
  readonly atEnd?: boolean;
  /** It takes orders, and cannot carry them out. */
  readonly cannotBePaused?: boolean;
}

/** Evaluations that come and go beside a training in virtual time; pauses end by themselves when their time is over. */
function side(options: Partial<TrainerOptions> = {}) {
  const { trainer, clock, of } = testRun({ epochs: 1, drain: 'cancel', runId: 'impact', ...options });
  const running = new Set<string>();
  const pausedAtMs = new Map<string, number>();
  const pausedMs = new Map<string, number>();
  const orders = new Map<string, number>();
  const told: { readonly id: string; readonly percent: number | null; readonly atMs: number }[] = [];
  const letGoOn = (id: string): void => {
    const atMs = pausedAtMs.get(id);
    if (atMs === undefined) return;
    pausedMs.set(id, (pausedMs.get(id) ?? 0) + clock.now() - atMs);
    pausedAtMs.delete(id);
    running.add(id);
  };
  trainer.events$.subscribe((event) => {
    if (event.type !== 'evaluation:end') return;
    letGoOn(event.evaluationId);
    running.delete(event.evaluationId);
  });
  const member = (
    name: string,
    { rule = 5, evaluationMs, goneMs = 0, atEnd = false, cannotBePaused = false }: MemberOptions = {},
  ) => {
    const end = evaluationMs === undefined ? [] : [{ atMs: evaluationMs, result: 'done' }];
    const fake = fakeExecutor([{ atMs: 1, progress: 1 }, ...end], { clock: clock.virtual, goneMs });
    const execute = (job: Job) => {
      running.add(job.id);
      let stopTimer: (() => void) | undefined;
      job.onPace(({ pauseMs }) => {
        if (cannotBePaused)
          job.telemetry.next({ type: 'unenforceable', rule: 'trainingImpactPercent', why: 'it cannot be paused' });
        orders.set(job.id, (orders.get(job.id) ?? 0) + 1);
        stopTimer?.();
        if (pauseMs <= 0) {
          letGoOn(job.id);
          return;
        }
        if (!pausedAtMs.has(job.id)) pausedAtMs.set(job.id, clock.now());
        running.delete(job.id);
        stopTimer = clock.virtual.setTimeout(() => {
          letGoOn(job.id);
        }, pauseMs);
      });
      return fake(job);
    };
    const executor: Executor = Object.assign(execute, { enforces: fake.enforces ?? [] });
    const made = evaluation({
      name,
      every: 1_000_000,
      executor,
      input: () => ({}),
      breaker: false,
      overlap: 'parallel',
      atEnd,
      sla: { trainingImpactPercent: rule, evaluationTimeMs: 1e9, itemTimeMs: 1e9 },
      safeguards: [
        ({ id, impact$ }) =>
          impact$.pipe(
            tap((percent) => told.push({ id, percent, atMs: clock.now() })),
            ignoreElements(),
          ),
      ],
    });
    trainer.register(made);
    return made;
  };
  /** A training that is slower by a factor while "heavy" runs: steps for so many ms. */
  const train = (
    body: (work: {
      readonly epoch: number;
      readonly stepsFor: (ms: number, speed?: { readonly stepMs: number; readonly slower: number }) => Promise<void>;
    }) => Promise<void>,
  ) =>
    trainer.fit((epoch) =>
      body({
        epoch: epoch.epoch,
        stepsFor: async (ms, { stepMs, slower } = { stepMs: 4, slower: 2 }) => {
          const untilMs = clock.now() + ms;
          const isSlow = (): boolean => [...running].some((id) => id.startsWith('heavy-'));
          while (clock.now() < untilMs) await epoch.step(() => clock.virtual.advance(stepMs * (isSlow() ? slower : 1)));
        },
      }),
    );
  /** How long this evaluation is paused while `work` is done, as a share. */
  const pausedShare = async (id: string, work: () => Promise<void>): Promise<number> => {
    const paused = (): number => (pausedMs.get(id) ?? 0) + clock.now() - (pausedAtMs.get(id) ?? clock.now());
    const [fromMs, before] = [clock.now(), paused()];
    await work();
    return (paused() - before) / (clock.now() - fromMs);
  };
  const ends = (): readonly EventOf<'evaluation:end'>[] => of('evaluation:end');
  return { clock, of, ends, member, told, orders, train, pausedShare };
}

describe('those that come and go beside others', () => {
  it('begin with the share of those that are held, the first time that they run together too', async () => {
    const { train, member, pausedShare, of } = side();
    const heavy = member('heavy');
    const light = member('light', { evaluationMs: 6_000 });
    const shares: number[] = [];

    await train(async ({ stepsFor }) => {
      heavy.request();
      await stepsFor(60_000);
      light.request();
      shares.push(await pausedShare('heavy-1-1', () => stepsFor(5_000)));
    });

    expect(shares[0]).toBeGreaterThan(0.8);
    const [first] = of('sla:violation').filter(({ violation }) => violation.evaluationId.startsWith('light'));
    expect(first?.violation.message).toMatch(/as was measured of the one before.*it runs part of the time/);
  });

  it('leave what is known of those that run on, however many there were', async () => {
    const { train, member, pausedShare } = side();
    const heavy = member('heavy');
    const others = Array.from({ length: 40 }, (_, number) => member(`other${number}`, { evaluationMs: 400 }));
    const shares: number[] = [];

    await train(async ({ stepsFor }) => {
      heavy.request();
      await stepsFor(60_000);
      for (const other of others) {
        other.request();
        await stepsFor(1_000);
      }
      shares.push(await pausedShare('heavy-1-1', () => stepsFor(5_000)));
    });

    expect(shares[0]).toBeGreaterThan(0.8);
  });

  it('make unknown what was known of the others alone', async () => {
    const { train, member, told, ends } = side();
    const light = member('light');
    const heavy = member('heavy', { evaluationMs: 3_000 });

    await train(async ({ stepsFor }) => {
      light.request();
      await stepsFor(60_000);
      heavy.request();
      await stepsFor(2_000);
      light.cancel('enough');
      await stepsFor(4_000);
    });

    const ofLight = told.filter(({ id }) => id === 'light-1-1').map(({ percent }) => percent);
    expect(ofLight).toEqual([null, expect.closeTo(0, 0), null]);
    // Of the evaluation the last figure is told that was known.
    const end = ends().find(({ name }) => name === 'light');
    expect(end?.usage.trainingImpactPercent).toBeCloseTo(0, 0);
  });

  it('are given no more orders once they are told to end: the others are measured without them', async () => {
    const { train, member, orders, of } = side();
    const slow = member('slow', { goneMs: 40_000 });
    const heavy = member('heavy');
    const ordersAtAbort: (number | undefined)[] = [];

    await train(async ({ stepsFor }) => {
      slow.request();
      heavy.request();
      await stepsFor(3_000);
      slow.cancel('enough');
      await stepsFor(100);
      ordersAtAbort.push(orders.get('slow-1-1'));
      await stepsFor(50_000);
    });

    expect(ordersAtAbort[0]).toBeGreaterThan(0);
    expect(orders.get('slow-1-1')).toBe(ordersAtAbort[0]);
    const [first] = of('sla:violation');
    expect(first?.violation).toMatchObject({ evaluationId: 'heavy-1-1', action: 'throttle' });
  });

  it('cost nothing that could be told where the training has ended before they begin', async () => {
    const { train, clock, member, of, ends } = side({ epochs: 2, drain: 'wait' });
    const heavy = member('heavy', { evaluationMs: 30_000, atEnd: true });

    await train(async ({ epoch, stepsFor }) => {
      if (epoch === 1) {
        heavy.request();
        return;
      }
      await stepsFor(29_000);
      setImmediate(() => void clock.virtual.advance(100_000));
    });

    const [end] = of('training:end');
    const after = [...of('sla:violation'), ...of('sla:recovered')].filter(({ seq }) => seq > (end?.seq ?? 0));
    expect(after).toEqual([]);
    expect(of('sla:violation').length).toBeGreaterThan(0);
    expect(ends().map(({ evaluationId, usage }) => [evaluationId, usage.trainingImpactPercent])).toEqual([
      ['heavy-1-1', expect.any(Number)],
      ['heavy-2-2', undefined],
    ]);
  });

  it.each([
    ['begins after the training has ended', { atEnd: true, evaluationMs: 100 }, false],
    ['cannot be paused, which is told', { cannotBePaused: true, evaluationMs: 100 }, true],
  ])('are not said to be unmeasured where the only one %s', async (_, options, isRequested) => {
    const { train, clock, member, of, ends } = side({ drain: 'wait' });
    const only = member('only', options);

    await train(async ({ stepsFor }) => {
      if (isRequested) only.request();
      await stepsFor(400);
      setImmediate(() => void clock.virtual.advance(1_000));
    });

    expect(ends()).toHaveLength(1);
    expect(of('sla:unmeasured').map(({ rule }) => rule)).not.toContain('trainingImpactPercent');
  });

  it('are let go again where steps are long too, once they cost nothing any more', async () => {
    const { train, member, of, pausedShare } = side();
    const heavy = member('heavy');
    const longSteps = { stepMs: 10_000, slower: 1.67 };
    const shares: number[] = [];

    await train(async ({ stepsFor }) => {
      heavy.request();
      await stepsFor(1_800_000, longSteps);
      await stepsFor(20_000_000, { ...longSteps, slower: 1 });
      shares.push(await pausedShare('heavy-1-1', () => stepsFor(3_600_000, { ...longSteps, slower: 1 })));
    });

    expect(of('sla:violation').length).toBeGreaterThan(0);
    expect(of('sla:recovered').length).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThan(0.4);
  });
});
