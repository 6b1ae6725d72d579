import { concatMap, from } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluation, processExecutor, type Overlap } from '../../src/index.ts';
import { atEpochs, type Trigger } from '../../src/operators/index.ts';
import { evaluator } from './evaluators/index.ts';
import { eventsOf, expectWhole, named, recordedRun, type RecordedRun } from './recorded-run.ts';

const requests = 200;
/** A burst: so many at the end of the first epoch. */
const burst: Trigger = (events$) =>
  events$.pipe(
    atEpochs([1]),
    concatMap((point) => from(Array.from({ length: requests }, () => point))),
  );

/** Of 200 requests in one moment: how many come to what, and how many run at once. Two slots. */
const cases: readonly [Overlap, { atOnce: number; completed: number; cancelled: number; skipped: object }][] = [
  ['latest', { atOnce: 1, completed: 2, cancelled: 0, skipped: { superseded: 198 } }],
  ['skip', { atOnce: 1, completed: 1, cancelled: 0, skipped: { busy: 199 } }],
  ['queue', { atOnce: 1, completed: 17, cancelled: 0, skipped: { busy: 183 } }],
  ['cancel', { atOnce: 1, completed: 1, cancelled: 1, skipped: { superseded: 198 } }],
  ['parallel', { atOnce: 2, completed: 18, cancelled: 0, skipped: { busy: 182 } }],
];

describe.each(cases)('200 requests in one moment with overlap "%s"', (overlap, expected) => {
  let run: RecordedRun;
  beforeAll(async () => {
    run = await recordedRun({
      callbacks: [
        evaluation({
          name: named(`burst-${overlap}`),
          when: burst,
          overlap,
          executor: processExecutor(evaluator('good'), { concurrency: 2, warm: true }),
          sla: { startTimeMs: 60_000 },
        }),
      ],
    });
  });

  it('come to what its bound says, each to one end', () => {
    expectWhole(run);
    expect(run.outcome.evaluations).toMatchObject({ requested: requests, failed: 0, violated: 0 });
    expect(run.outcome.evaluations).toMatchObject({ completed: expected.completed, cancelled: expected.cancelled });
    const reasons = eventsOf(run.events, 'evaluation:skipped').map(({ reason }) => reason);
    const counted = Object.fromEntries(
      [...new Set(reasons)].map((reason) => [reason, reasons.filter((each) => each === reason).length]),
    );
    expect(counted).toEqual(expected.skipped);
  });

  it('never run more at once than it allows', () => {
    const running = new Set<string>();
    const atOnce = run.events.map((event) => {
      if (event.type === 'evaluation:start') running.add(event.evaluationId);
      if (event.type === 'evaluation:end') running.delete(event.evaluationId);
      return running.size;
    });

    expect(Math.max(...atOnce)).toBeLessThanOrEqual(expected.atOnce);
  });
});
