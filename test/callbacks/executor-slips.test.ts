import { map, Observable, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { schedulerOf } from '../../src/clock/index.ts';
import type { Executor, HardRule } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

function bench() {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const after = (ms: number) => timer(ms, schedulerOf(clock)).pipe(map(() => 'r'));
  const errors = () => run.of('callback:error').map(({ error }) => error.message);
  return { clock, run, after, errors };
}

describe('a slip in an executor of a user costs its evaluation, and the next one comes', () => {
  const withFields = (fields: object) => Object.assign(new Error('odd'), fields);

  it.each<[string, () => Error]>([
    ['a message that is no text', () => withFields({ message: Object.create(null) as object })],
    ['a name that is a symbol', () => withFields({ name: Symbol('odd') })],
    ['a violation of nothing', () => EvaluationError.ofViolation(null as never)],
    [
      'a violation that is missing, and says that it is there',
      () => Object.assign(EvaluationError.cancelled('x'), { kind: 'violation', violation: null }),
    ],
  ])('an error with %s', (_, error) => {
    const { run } = bench();
    run.connect(evaluation({ name: 'vs', every: 1, breaker: false, executor: () => throwError(error) }));

    run.epochEnd(1);
    run.epochEnd(2);

    expect(run.of('evaluation:end')).toMatchObject([
      { epoch: 1, status: 'failed', error: { code: 'EXECUTOR_FAILED' } },
      { epoch: 2, status: 'failed', error: { code: 'EXECUTOR_FAILED' } },
    ]);
    expectConserved(run);
  });

  it('forget that throws, of one that ends and of one that is skipped', async () => {
    const { clock, run, after, errors } = bench();
    const forget = (): void => {
      throw new Error('no such copy');
    };
    run.connect(evaluation({ name: 'vs', every: 1, executor: Object.assign(() => after(5), { forget }) }));

    for (const epoch of [1, 2, 3]) run.epochEnd(epoch);
    await clock.advance(10);

    expect(run.story.filter((told) => /end|skipped/.test(told))).toEqual([
      'skipped 2 superseded',
      'end 1 completed',
      'end 3 completed',
    ]);
    const message = 'its executor, told to forget what is over: no such copy';
    expect(errors()).toEqual([message, message, message]);
    expectConserved(run);
  });

  it('enforces that is no array: the host holds every rule', async () => {
    const { clock, run, errors } = bench();
    const executor: Executor = ({ telemetry }) =>
      new Observable(() => {
        telemetry.next({ type: 'accepted', enforces: {} as readonly HardRule[] });
        telemetry.next({ type: 'started' });
        return () => {
          telemetry.next({ type: 'usage', usage: {} });
        };
      });
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    await clock.advance(50);

    expect(errors()).toEqual([
      'its executor told an object as "enforces", so that it holds no rule: it must be an array of rules',
    ]);
    expect(run.of('evaluation:end')).toMatchObject([{ status: 'violated', violation: { rule: 'evaluationTimeMs' } }]);
    expectConserved(run);
  });
});
