import { beforeAll, describe, expect, it } from 'vitest';
import { evaluation, type Callback, type SlaInput, type SlaRule } from '../../src/index.ts';
import { atEpochs } from '../../src/operators/index.ts';
import { evaluator } from './evaluators/index.ts';
import { eventsOf, expectWhole, named, recordedRun, type RecordedRun } from './recorded-run.ts';

/** Starting is not what is tried here: on a busy machine it takes its time. */
const roomy: SlaInput = { startTimeMs: 60_000, evaluationTimeMs: 60_000, itemTimeMs: 60_000 };

interface Hostile {
  readonly sla?: SlaInput;
  readonly input?: Record<string, unknown>;
  readonly maxResultMb?: number;
}

function hostile(name: string, { sla, input = {}, maxResultMb }: Hostile = {}, as = name): Callback {
  return evaluation({
    name: named(as),
    when: atEpochs([1]),
    module: evaluator(name),
    input: () => input,
    sla: { ...roomy, ...sla },
    ...(maxResultMb !== undefined && { maxResultMb }),
  });
}

const short: Hostile = { sla: { evaluationTimeMs: 400 } };
const violations: readonly [string, SlaRule, number, Hostile][] = [
  ['spin', 'evaluationTimeMs', 400, short],
  ['never-settles', 'evaluationTimeMs', 400, short],
  ['ignores-sigterm', 'evaluationTimeMs', 400, short],
  ['floods-progress', 'evaluationTimeMs', 400, short],
  ['floods-stdout', 'evaluationTimeMs', 400, short],
  ['leaves-grandchildren', 'evaluationTimeMs', 400, { ...short, input: { afterMs: 60_000 } }],
  ['spin-in-item', 'itemTimeMs', 300, { sla: { itemTimeMs: 300 } }],
  ['spin-on-load', 'startTimeMs', 2_000, { sla: { startTimeMs: 2_000 } }],
  ['eats-maps', 'memoryMb', 250, { sla: { memoryMb: 250 } }],
  ['eats-buffers', 'memoryMb', 250, { sla: { memoryMb: 250 } }],
  ['eats-wasm', 'memoryMb', 250, { sla: { memoryMb: 250 } }],
  ['eats-in-grandchild', 'memoryMb', 300, { sla: { memoryMb: 300 } }],
];

const failures: readonly [string, string, string, Hostile][] = [
  ['exits', 'crashed', 'EVALUATOR_CRASHED', {}],
  ['throws-null', 'crashed', 'EVALUATOR_CRASHED', {}],
  ['throws-on-load', 'crashed', 'EVALUATOR_CRASHED', {}],
  ['no-default', 'rejected', 'EVALUATOR_INVALID', {}],
  ['is-not-there', 'rejected', 'EVALUATOR_NOT_FOUND', {}],
  ['returns-function', 'rejected', 'RESULT_NOT_CLONEABLE', {}],
  ['large-result', 'rejected', 'RESULT_TOO_LARGE', { input: { megabytes: 3 }, maxResultMb: 2 }],
];

describe('a training with hostile evaluators beside it', () => {
  let run: RecordedRun;
  beforeAll(async () => {
    run = await recordedRun({
      callbacks: [
        ...violations.map(([name, , , options]) => hostile(name, options)),
        ...failures.map(([name, , , options]) => hostile(name, options)),
        hostile('leaves-grandchildren', { input: { afterMs: 100 } }, 'leaves-after-its-answer'),
        hostile('good', { input: { hello: 'world' } }),
      ],
    });
  }, 240_000);

  it('is completed, with every request accounted for, its journal whole and nothing alive', () => {
    expect(run.outcome).toMatchObject({ status: 'completed', epochs: 2 });
    expect(run.outcome.evaluations).toEqual({
      requested: violations.length + failures.length + 2,
      completed: 2,
      violated: violations.length,
      failed: failures.length,
      cancelled: 0,
      skipped: 0,
    });
    expectWhole(run);
    expect(eventsOf(run.events, 'callback:error')).toEqual([]);
  });

  it('went on stepping while they ran', () => {
    const starts = eventsOf(run.events, 'evaluation:start');
    const ends = eventsOf(run.events, 'evaluation:end');
    const stepsBeside = run.stepsAt.get(ends.at(-1)!.seq)! - run.stepsAt.get(starts[0]!.seq)!;

    expect(stepsBeside).toBeGreaterThan(ends.length);
    expect(run.outcome.steps).toBeGreaterThanOrEqual(stepsBeside);
  });

  it.each(violations)('%s is violated by its %s', (name, rule, limit) => {
    const [end] = eventsOf(run.events, 'evaluation:end', named(name));

    expect(end).toMatchObject({
      status: 'violated',
      violation: { rule, limit, action: 'abort', evaluationId: end?.evaluationId },
      error: { code: 'SLA_VIOLATION', kind: 'violation' },
    });
    const { observed, killedAt, goneAt } = end!.violation!;
    expect(observed).toBeGreaterThanOrEqual(limit);
    expect(goneAt).toBeGreaterThanOrEqual(killedAt!);
    expect(end).not.toHaveProperty('result');
    // The violation is told before the end, once, and is the same.
    const told = eventsOf(run.events, 'sla:violation').filter(
      ({ violation }) => violation.evaluationId === end?.evaluationId,
    );
    expect(told.map(({ violation }) => violation)).toEqual([end?.violation]);
    expect(told[0]!.seq).toBeLessThan(end!.seq);
  });

  it.each(failures)('%s is failed: %s, %s', (name, kind, code) => {
    const [end] = eventsOf(run.events, 'evaluation:end', named(name));

    expect(end).toMatchObject({ status: 'failed', error: { kind, code } });
    expect(end).not.toHaveProperty('violation');
  });

  it('ends what was left running after a good answer, and keeps the answer', () => {
    const [end] = eventsOf(run.events, 'evaluation:end', named('leaves-after-its-answer'));

    expect(end).toMatchObject({ status: 'completed', result: { left: 4 } });
    expect(run.aliveAtEnd.get(end!.evaluationId)).toEqual([]);
  });

  it('counts the flood of progress that nobody saw', () => {
    const [dropped] = eventsOf(run.events, 'dropped');

    expect(dropped?.what).toContain(named('floods-progress'));
    expect(dropped?.count).toBeGreaterThan(100);
    expect(eventsOf(run.events, 'evaluation:progress', named('floods-progress')).length).toBeLessThan(100);
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
});
