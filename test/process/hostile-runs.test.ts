import { beforeAll, describe, expect, it } from 'vitest';
import { evaluation, processExecutor, type Callback } from '../../src/index.ts';
import { atEpochs } from '../../src/operators/index.ts';
import { evaluator } from './evaluators/index.ts';
import { expectEnding } from './hostile-endings.ts';
import { endingOf, hostileEvaluators, limitsOf, maxResultMb, type Hostile } from './hostile-evaluators.ts';
import { hasControlGroups, missing } from './needs.ts';
import { eventsOf, expectWhole, named, recordedRun, type RecordedRun } from './recorded-run.ts';
import { strayToken, straysOf } from './strays.ts';

const hostiles = hostileEvaluators.filter(({ by, alone }) => by.includes('cold') && alone !== true);
const tokens = new Map(hostiles.map(({ name }) => [named(name), strayToken()]));
const cases = hostiles.map((hostile): [string, Hostile] => [hostile.name, hostile]);
const countOf = (isCounted: (ending: Hostile['ends']) => boolean): number =>
  hostiles.filter((hostile) => isCounted(endingOf(hostile, 'cold'))).length;

function evaluationOf(hostile: Hostile): Callback {
  const name = named(hostile.name);
  return evaluation({
    name,
    when: atEpochs([1]),
    executor: processExecutor(evaluator(hostile.evaluator)),
    input: () => ({ ...hostile.input, token: tokens.get(name) }),
    sla: limitsOf(hostile, 'cold'),
    maxResultMb,
  });
}

const good = evaluation({
  name: named('good'),
  when: atEpochs([1]),
  module: evaluator('good'),
  input: () => ({ hello: 'world' }),
});

describe.skipIf(missing('setpriv', 'timeout', 'setsid', 'sleep'))(
  'a training with hostile evaluators beside it',
  () => {
    let run: RecordedRun;
    /** By the evaluation's name: what of it was alive when its end was told. */
    const strays = new Map<string, readonly number[]>();
    beforeAll(async () => {
      run = await recordedRun({
        callbacks: [...hostiles.map(evaluationOf), good],
        onEvent: (event) => {
          if (event.type !== 'evaluation:end') return;
          const token = tokens.get(event.name);
          if (token === undefined) return;
          const alive = straysOf(token);
          strays.set(event.name, alive);
          alive.forEach((pid) => process.kill(pid, 'SIGKILL'));
        },
      });
    }, 240_000);

    it('is completed, with every request accounted for, its journal whole and nothing alive', () => {
      expect(run.outcome).toMatchObject({ status: 'completed', epochs: 2 });
      expect(run.outcome.evaluations).toEqual({
        requested: hostiles.length + 1,
        completed: countOf((ending) => 'answer' in ending) + 1,
        violated: countOf((ending) => 'rule' in ending),
        failed: countOf((ending) => 'code' in ending),
        cancelled: 0,
        skipped: 0,
      });
      expectWhole(run);
      expect(eventsOf(run.events, 'callback:error')).toEqual([]);
      expect(straysOf()).toEqual([]);
    });

    it('went on stepping while each of them ran', () => {
      for (const start of eventsOf(run.events, 'evaluation:start')) {
        const [end] = eventsOf(run.events, 'evaluation:end', start.name);
        // At 2 ms a step, on a machine whose other core may be theirs.
        const leastSteps = Math.floor((end!.at - start.at) / 50);
        expect(run.stepsAt.get(end!.seq)! - run.stepsAt.get(start.seq)!, start.name).toBeGreaterThanOrEqual(leastSteps);
      }
    });

    it.each(cases)('%s', (name, hostile) => {
      const [end, ...others] = eventsOf(run.events, 'evaluation:end', named(name));

      expect(others).toEqual([]);
      expectEnding(endingOf(hostile, 'cold'), end!);
      expect(end?.status).toBe(statusOf(hostile));
      expect(run.aliveAtEnd.get(end!.evaluationId)).toEqual([]);
      if (hostile.wants === undefined || hasControlGroups()) expect(strays.get(named(name))).toEqual([]);
      // A violation is told before the end, once, and is the same.
      const violations = eventsOf(run.events, 'sla:violation').filter(
        ({ violation }) => violation.evaluationId === end?.evaluationId,
      );
      expect(violations.map(({ violation }) => violation)).toEqual(end?.violation ? [end.violation] : []);
      for (const { seq } of violations) expect(seq).toBeLessThan(end!.seq);
    });

    it('counts the flood of progress that nobody saw', () => {
      const flood = named('floods progress');
      const [dropped] = eventsOf(run.events, 'dropped').filter(({ what }) => what.includes(flood));
      const [end] = eventsOf(run.events, 'evaluation:end', flood);

      // At the lowest priority, on a machine whose cores are busy, it may have had no processor to flood with.
      const hadProcessor = (end?.usage.cpuMs ?? 0) >= 50;
      expect(dropped?.count ?? 0).toBeGreaterThan(hadProcessor ? 100 : -1);
      expect(eventsOf(run.events, 'evaluation:progress', flood).length).toBeLessThan(100);
    });

    it('does not hurt the good one beside them', () => {
      const [end] = eventsOf(run.events, 'evaluation:end', named('good'));

      expect(end).toMatchObject({
        status: 'completed',
        result: { sum: 6, input: { hello: 'world' } },
        items: { done: 3, total: 3 },
      });
    });

    it('says once that there is no GPU, and no number for it', () => {
      const unmeasured = eventsOf(run.events, 'sla:unmeasured').filter(({ rule }) => rule === 'gpuUtilizationPercent');
      const samples = eventsOf(run.events, 'evaluation:sample');

      expect(unmeasured).toHaveLength(1);
      expect(new Set(samples.map(({ gpuUtilizationPercent }) => gpuUtilizationPercent))).toEqual(new Set([null]));
    });
  },
);

function statusOf(hostile: Hostile): string {
  const ending = endingOf(hostile, 'cold');
  if ('answer' in ending) return 'completed';
  return 'rule' in ending ? 'violated' : 'failed';
}
