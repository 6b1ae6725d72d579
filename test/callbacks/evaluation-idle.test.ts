import { concat, NEVER, Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

/** An executor that takes no aborts: of what it was unsubscribed from the last is gone 20 ms later, which `idle` tells. */
function bench(source$: Observable<unknown> = NEVER) {
  const clock = new VirtualClock({ wallMs: 1_000 });
  const run = new FakeRun(clock);
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let mostAtOnce = 0;
  const execute = () =>
    new Observable((subscriber) => {
      mostAtOnce = Math.max(mostAtOnce, ++atWork);
      subscriber.add(() => {
        clock.setTimeout(() => {
          if (--atWork === 0) for (const resolve of waiting.splice(0)) resolve();
        }, 20);
      });
      subscriber.add(source$.subscribe(subscriber));
    });
  const idle = () =>
    new Promise<void>((resolve) => {
      if (atWork === 0) resolve();
      else waiting.push(resolve);
    });
  const executor = Object.assign(execute, { idle });
  return { clock, run, executor, mostAtOnce: () => mostAtOnce };
}

describe('the end of an evaluation that was unsubscribed from', () => {
  it('waits until its executor is idle when a rule was broken, and so does the next one', async () => {
    const { clock, run, executor, mostAtOnce } = bench();
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    run.epochEnd(2);
    await clock.advance(69);
    expect(run.story).toEqual(['requested 1', 'start 1', 'requested 2']);
    await clock.advance(1);

    expect(run.story.slice(3)).toEqual(['end 1 violated', 'start 2']);
    expect(mostAtOnce()).toBe(1);
    expect(run.of('evaluation:end')[0]).toMatchObject({
      violation: { rule: 'evaluationTimeMs', killedAt: 1_050, goneAt: 1_070 },
      usage: { wallMs: 50, goneMs: 20 },
    });
  });

  it('waits until it is idle when it does not complete after its answer', async () => {
    const { clock, run, executor } = bench(concat(of('r'), NEVER));
    run.connect(evaluation({ name: 'vs', every: 1, executor, graceMs: 10 }));

    run.epochEnd(1);
    await clock.advance(29);
    expect(run.story).toEqual(['requested 1', 'start 1']);
    await clock.advance(1);

    expect(run.of('evaluation:end')).toMatchObject([{ status: 'completed', result: 'r' }]);
    expectConserved(run);
  });

  it('does not wait where it ended by itself', async () => {
    const { clock, run, executor } = bench(of('r'));
    run.connect(evaluation({ name: 'vs', every: 1, executor }));

    run.epochEnd(1);
    await clock.advance(0);

    expect(run.story.at(-1)).toBe('end 1 completed');
  });

  it('does not wait for those beside it, of which one may always be at work', async () => {
    const { clock, run, executor } = bench();
    run.connect(evaluation({ name: 'vs', every: 1, overlap: 'parallel', executor, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    await clock.advance(40);
    run.epochEnd(2);
    await clock.advance(10);

    expect(run.story.at(-1)).toBe('end 1 violated');
    await clock.advance(40);
    expectConserved(run);
  });
});
