import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { planDrills, type LeftOut, type PlannedDrill } from '../../../src/cli/drill/plan-drills.ts';
import type { Means } from '../../../src/cli/drill/ways-to-break.ts';
import type { Executor, StandIn } from '../../../src/executors/index.ts';
import { withStandIn } from '../../../src/executors/stand-in.ts';
import { resolveSla, slaRules, type SlaInput } from '../../../src/sla/index.ts';

const means: Means = { longestMs: 2_000, freeMb: 4_000, hasGpu: false, trains: false };

function executorOf(kind: StandIn['kind']): Executor {
  const executor: Executor = () => NEVER;
  return withStandIn(executor, { kind, with: () => executor });
}

function plan(
  sla: SlaInput | false,
  { executor = executorOf('process'), has = means }: { readonly executor?: Executor; readonly has?: Means } = {},
): Readonly<Record<string, PlannedDrill | LeftOut>> {
  const whole = sla === false ? sla : resolveSla(sla, 'The SLA').sla;
  const drills = planDrills({ executor, sla: whole, unenforceable: [] }, has);
  return Object.fromEntries(drills.map((drill) => [drill.rule, drill]));
}

describe('the plan of a drill', () => {
  it('has each rule of the SLA, written or default, in their order, and none where it is switched off', () => {
    const withoutOptional = slaRules.filter((rule) => rule !== 'cpuPercent' && rule !== 'gpuMemoryMb');

    expect(Object.keys(plan({ cpuPercent: 50, gpuMemoryMb: 100 }))).toEqual(slaRules);
    expect(Object.keys(plan({}))).toEqual(withoutOptional);
    expect(plan(false)).toEqual({});
  });

  it.each([
    ['evaluationTimeMs', 1_999, 1_999],
    ['evaluationTimeMs', 2_000, 2_000],
    ['evaluationTimeMs', 2_001, 2_000],
    ['startTimeMs', 30_000, 2_000],
    ['itemTimeMs', 10, 10],
    ['memoryMb', 3_800, 3_800],
    ['cpuPercent', 150, 1],
    ['cpuPercent', 0.5, 0.5],
  ] as const)('holds %s of %d at %d', (rule, limit, heldAt) => {
    expect(plan({ [rule]: limit })[rule]).toMatchObject({ limit, heldAt, sla: { [rule]: { limit: heldAt } } });
  });

  it('lets no other limit come before the one that is broken', () => {
    const drills = plan({ evaluationTimeMs: 10, startTimeMs: 10, itemTimeMs: 10, memoryMb: 500, cpuPercent: 1 });

    for (const drill of Object.values(drills)) {
      if ('why' in drill) continue;
      for (const other of ['evaluationTimeMs', 'startTimeMs', 'itemTimeMs'] as const)
        if (other !== drill.rule) expect(drill.sla[other].limit).toBeGreaterThanOrEqual(drill.patienceMs);
      expect(drill.sla.memoryMb).toEqual({ limit: 500, action: 'abort' });
      // What takes less of the processor than it may breaks no rule of time.
      expect(drill.sla.cpuPercent?.limit).toBe(drill.rule === 'cpuPercent' ? 1 : undefined);
    }
  });

  it('slows a training down only where it is told to, because that takes its time', () => {
    const [without, within] = [false, true].map(
      (trains) => plan({}, { has: { ...means, trains } }).trainingImpactPercent,
    );

    expect(without).toMatchObject({ why: expect.stringContaining('--training drills it') as string });
    expect(within).toMatchObject({ heldAt: 5, fault: { does: 'slow the training' } });
    expect((within as PlannedDrill).patienceMs).toBeGreaterThan(60_000);
  });

  it('keeps what a rule does when it is broken', () => {
    const { itemTimeMs, cpuPercent } = plan({
      itemTimeMs: { limit: 5, action: 'warn' },
      cpuPercent: { limit: 50, action: 'abort', sustainMs: 60_000, whenUnmeasured: 'abort' },
    });

    expect(itemTimeMs).toMatchObject({ action: 'warn', sla: { itemTimeMs: { limit: 5, action: 'warn' } } });
    expect(cpuPercent).toMatchObject({
      sla: { cpuPercent: { action: 'abort', sustainMs: 2_000, whenUnmeasured: 'abort' } },
    });
  });

  it.each([
    [
      'memory that is not free',
      'memoryMb',
      3_801,
      executorOf('process'),
      /it takes 4001 MB of free memory .* 4000 MB are free/,
    ],
    ['a start that a command cannot break', 'startTimeMs', 10, executorOf('command'), /a command has started/],
    ['memory of an executor of one’s own', 'memoryMb', 10, () => NEVER, /function of your own/],
    ['a GPU that is not there', 'gpuUtilizationPercent', 10, executorOf('process'), /there is no GPU here/],
  ] as const)('says why it leaves out %s', (_, rule, limit, executor, why) => {
    expect(plan({ [rule]: limit }, { executor })[rule]).toMatchObject({ rule, limit, why });
  });

  it('does not claim that a GPU which is there was tried', () => {
    const { gpuUtilizationPercent } = plan({}, { has: { ...means, hasGpu: true } });

    expect(gpuUtilizationPercent).toMatchObject({ why: /no program that works on a GPU/ });
  });

  it('leaves out what the executor cannot hold, in its words', () => {
    const { sla } = resolveSla({}, 'The SLA');
    const unenforceable = [{ rule: 'memoryMb', why: 'it shares the memory' } as const];

    expect(planDrills({ executor: executorOf('thread'), sla, unenforceable }, means)).toContainEqual(
      expect.objectContaining({ rule: 'memoryMb', why: 'its executor cannot hold it: it shares the memory' }),
    );
  });
});
