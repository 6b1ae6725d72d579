import { describe, expect, it } from 'vitest';
import type { Containment } from '../../src/supervisor/containment.ts';
import { ControlGroups } from '../../src/supervisor/control-group.ts';
import { describeContainment, unenforceable } from '../../src/supervisor/describe-containment.ts';

const complete: Containment = {
  timeout: true,
  parentDeathSignal: true,
  keepsPriority: true,
  dataLimit: 'prlimit',
  outOfMemoryScore: true,
  processFiles: true,
  shell: true,
  controlGroups: new ControlGroups('/nowhere', true),
};

const missing = (changed: Partial<Containment>): string[] =>
  describeContainment({ ...complete, ...changed })
    .filter(({ works }) => !works)
    .map(({ mechanism }) => mechanism);

describe('describeContainment', () => {
  it.each<[Partial<Containment>, RegExp[]]>([
    [{}, []],
    [{ dataLimit: 'ulimit' }, []],
    [{ processFiles: false }, [/proc/]],
    [{ timeout: false }, [/timeout/]],
    [{ parentDeathSignal: false }, [/death signal/]],
    [{ keepsPriority: false }, [/priority/]],
    [{ dataLimit: false }, [/prlimit/]],
    [{ outOfMemoryScore: false }, [/oom_score_adj/]],
    [{ shell: false }, [/shell for/]],
    [{ controlGroups: undefined }, [/cgroup\.kill/, /memory\.max/]],
    [{ controlGroups: new ControlGroups('/nowhere', false) }, [/memory\.max/]],
  ])('names what %o lacks', (changed, expected) => {
    const found = missing(changed);

    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });
});

describe('unenforceable', () => {
  it('leaves out what needs no pauses where nothing is paused', () => {
    const limits = (action: 'throttle' | 'warn' | 'abort') => ({
      cpuPercent: { limit: 1, action, sustainMs: 0, whenUnmeasured: 'report' } as const,
    });
    const of = (changed: Partial<Containment>, action: 'throttle' | 'warn' | 'abort') =>
      unenforceable({ ...complete, ...changed }, 'evaluator', limits(action)).map(({ rule }) => rule);

    expect(of({ parentDeathSignal: false }, 'throttle')).toContain('cpuPercent');
    expect(of({ parentDeathSignal: false }, 'abort')).not.toContain('cpuPercent');
    expect(of({ parentDeathSignal: false }, 'warn')).not.toContain('cpuPercent');
    expect(of({ processFiles: false }, 'warn')).toContain('cpuPercent');
  });

  it.each<[Partial<Containment>, 'evaluator' | 'command', string[]]>([
    [{}, 'evaluator', []],
    [{ processFiles: false }, 'evaluator', ['memoryMb', 'cpuPercent']],
    [{ processFiles: false }, 'command', ['memoryMb', 'cpuPercent']],
    // An evaluator watches over its own life; a command cannot be made to. Neither is paused: nobody would wake it.
    [{ parentDeathSignal: false }, 'evaluator', ['cpuPercent', 'gpuUtilizationPercent', 'trainingImpactPercent']],
    [
      { parentDeathSignal: false },
      'command',
      ['evaluationTimeMs', 'cpuPercent', 'gpuUtilizationPercent', 'trainingImpactPercent'],
    ],
    [{ timeout: false, keepsPriority: false, dataLimit: false, controlGroups: undefined }, 'command', []],
  ])('with %o of a program of kind %s: %j', (changed, program, rules) => {
    const found = unenforceable({ ...complete, ...changed }, program);

    expect(found.map(({ rule }) => rule)).toEqual(rules);
    for (const { why } of found) expect(why).toMatch(/^[A-Z].*\.$/);
  });
});
