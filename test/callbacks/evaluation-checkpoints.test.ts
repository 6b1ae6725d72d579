import { filter, NEVER, Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import type { EvaluationRequest } from '../../src/callbacks/index.ts';
import type { Executor } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { FakeRun } from './fake-run.ts';

/** Runs until it is aborted. */
const endless: Executor = (job) =>
  new Observable((subscriber) =>
    job.onAbort(() => {
      subscriber.error(EvaluationError.cancelled('enough'));
    }),
  );

function epochWith(run: FakeRun, epoch: number): void {
  run.publish({ type: 'epoch:end', epoch, metrics: {}, checkpoint: { path: `/c/${epoch}`, hash: 'h' } });
}

// Elsewhere a checkpoint is deleted while its evaluation is queued.
describe('the checkpoint file of an evaluation', () => {
  it('is pinned while it waits and while it runs, and let go at its end', () => {
    const run = new FakeRun(new VirtualClock());
    const pinned = () => [1, 2, 3].filter((epoch) => run.pins.isPinned(`/c/${epoch}`));
    run.connect(evaluation({ name: 'vs', every: 1, executor: endless }));

    epochWith(run, 1);
    epochWith(run, 2);
    expect([run.story, pinned()]).toEqual([
      ['requested 1', 'start 1', 'requested 2'],
      [1, 2],
    ]);

    epochWith(run, 3);
    expect([run.story.at(-1), pinned()]).toEqual(['skipped 2 superseded', [1, 3]]);

    run.cancel('enough');
    expect([run.story.slice(-2), pinned()]).toEqual([['skipped 3 stopping', 'end 1 cancelled'], []]);
  });

  it.each<[string, Executor, (request: EvaluationRequest) => unknown]>([
    ['completed', () => of('r'), () => 1],
    [
      'failed',
      () =>
        new Observable((subscriber) => {
          subscriber.error(new Error('broken'));
        }),
      () => 1,
    ],
    [
      'failed',
      () => NEVER,
      () => {
        throw new Error('no input');
      },
    ],
  ])('is let go of one that %s at once', (status, executor, input) => {
    const run = new FakeRun(new VirtualClock());
    run.connect(evaluation({ name: 'vs', every: 1, executor, input }));

    epochWith(run, 1);

    expect(run.story.at(-1)).toBe(`end 1 ${status}`);
    expect(run.pins.isPinned('/c/1')).toBe(false);
  });

  it('is let go when its callback is unregistered', () => {
    const run = new FakeRun(new VirtualClock());
    const subscription = run.connect(evaluation({ name: 'vs', every: 1, executor: endless }));
    epochWith(run, 1);

    subscription?.unsubscribe();

    expect(run.pins.isPinned('/c/1')).toBe(false);
  });
});

describe('a checkpoint that is told when the training has gone on', () => {
  it('takes neither the step nor a newer file from what is evaluated next', () => {
    const run = new FakeRun(new VirtualClock());
    const requests: unknown[] = [];
    run.connect(
      evaluation({
        name: 'vs',
        when: (events$) => events$.pipe(filter(({ type }) => type === 'checkpoint' || type === 'custom')),
        input: ({ epoch, step, checkpoint }) => requests.push([epoch, step, checkpoint?.path]),
        executor: () => of('r'),
      }),
    );
    const late = { type: 'checkpoint', epoch: 1, step: 10, path: '/c/1', hash: 'h' } as const;
    const now = { type: 'custom', name: 'now', value: 1 } as const;

    run.publish({ type: 'step', epoch: 2, step: 15, durationMs: 1 });
    run.publish(late);
    run.publish(now);
    run.publish({ type: 'checkpoint', epoch: 2, step: 15, path: '/c/2', hash: 'h' });
    run.publish(late);
    run.publish(now);

    expect(requests).toEqual([
      [1, 10, '/c/1'],
      [2, 15, undefined],
      [2, 15, '/c/2'],
      [1, 10, '/c/1'],
      [2, 15, '/c/2'],
    ]);
  });
});
