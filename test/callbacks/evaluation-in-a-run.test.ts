import { filter, map, NEVER, Observable, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { schedulerOf, systemClock } from '../../src/clock/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/inline-executor.ts';
import type { Executor } from '../../src/executors/index.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { expectConserved } from './fake-run.ts';

function training(epochs: number) {
  const trainer = new Trainer<{ loss: number }>({ name: 'small', epochs, journal: false });
  const events: RunEvent[] = [];
  trainer.events$.subscribe((event) => events.push(event));
  const fit = () =>
    trainer.fit(async (epoch) => {
      await epoch.step(() => undefined);
      return { loss: 1 / epoch.epoch };
    });
  return { trainer, events, fit };
}

const answering: Executor<{ epoch: number }, number> = (job) =>
  timer(1, schedulerOf(systemClock)).pipe(map(() => job.input.epoch));

describe('an evaluation in a real run', () => {
  it('evaluates beside the training, is drained, and every request comes to one end', async () => {
    const { trainer, events, fit } = training(5);
    const vs = evaluation({ name: 'vs', every: 2, atEnd: true, overlap: 'queue', executor: answering });
    const bad = evaluation({
      name: 'bad',
      every: 1,
      overlap: 'parallel',
      executor: inlineExecutor((): number => {
        throw new Error('broken');
      }),
    });
    const results: unknown[] = [];
    vs.results$.subscribe(({ epoch, result }) => results.push([epoch, result]));
    trainer.register(vs);
    trainer.register(bad);

    const outcome = await fit();

    expect(outcome.status).toBe('completed');
    expect(results).toEqual([
      [2, 2],
      [4, 4],
      [5, 5],
    ]);
    const { requested, completed, failed, skipped } = outcome.evaluations;
    expect({ requested, completed, sum: failed + skipped }).toEqual({ requested: 8, completed: 3, sum: 5 });
    expect(events.filter(({ type }) => type === 'breaker:transition')).toMatchObject([{ name: 'bad', to: 'open' }]);
    expectConserved({ events });
  });

  it.each<[string, { after?: number; inHookOf?: number; within?: number }, number[]]>([
    ['after epoch 5 has ended', { after: 5 }, [10]],
    ['by a hook of epoch 5’s end', { inHookOf: 5 }, [10]],
    ['after epoch 4 has ended', { after: 4 }, [5, 10]],
    ['in the middle of epoch 5', { within: 5 }, [5, 10]],
  ])('that is registered %s is asked for what is crossed from then on', async (_, when, epochs) => {
    const { trainer, events } = training(11);
    const requested: number[] = [];
    const register = (): void => {
      trainer.register(evaluation({ name: 'late', every: 5, executor: answering, overlap: 'queue' }));
    };
    trainer.register({
      name: 'hook',
      onEpochEnd: ({ epoch }) => {
        if (epoch === when.inHookOf) register();
      },
    });
    const session = trainer.open();
    for (let epoch = 1; epoch <= 11; epoch++) {
      session.epochStart();
      if (epoch === when.within) register();
      await session.epochEnd({ loss: 1 });
      if (epoch === when.after) register();
    }
    await session.end();
    for (const event of events) if (event.type === 'evaluation:requested') requested.push(event.epoch);

    expect(requested).toEqual(epochs);
  });

  it('cannot be asked for once the run has ended, and nothing of it begins', async () => {
    const { trainer, events, fit } = training(1);
    let begun = 0;
    const executor: Executor<unknown, number> = () => {
      begun++;
      return NEVER;
    };
    const late = evaluation({ name: 'late', when: filter(({ type }) => type === 'run:end'), executor });
    const answers: boolean[] = [];
    trainer.register({ name: 'asking', onRunEnd: () => void answers.push(late.request()) });
    trainer.register(late);

    const outcome = await fit();

    expect({ answers, begun, requested: outcome.evaluations.requested }).toEqual({
      answers: [false],
      begun: 0,
      requested: 0,
    });
    expectConserved({ events });
  });

  it('is cancelled by an unregistration, by its time limit, and by nothing else', async () => {
    const { trainer, events, fit } = training(2);
    const endless = { every: 1, overlap: 'skip', executor: () => NEVER } as const;
    const registration = trainer.register(evaluation({ name: 'left', ...endless }));
    trainer.register(evaluation({ name: 'late', ...endless, sla: { evaluationTimeMs: 20 } }));
    trainer.events$.subscribe((event) => {
      if (event.type === 'training:end') registration.unregister();
    });

    const outcome = await fit();

    const ends = events
      .filter((event) => event.type === 'evaluation:end')
      .map(({ name, status }) => `${name} ${status}`);
    expect(ends).toEqual(['left cancelled', 'late violated']);
    expect(outcome.evaluations).toMatchObject({ requested: 4, cancelled: 1, violated: 1, skipped: 2 });
    expectConserved({ events });
  });

  // The former registration was over later than the next had come, and took its results$ and its request() along.
  it('that is registered again while its last one ends goes on: its results, and what it can be asked', async () => {
    const { trainer, events } = training(3);
    const ends = new Map<number, () => void>();
    const executor: Executor<{ epoch: number }, number> = (job) =>
      new Observable((subscriber) => {
        const end = (): void => {
          subscriber.next(job.input.epoch);
          subscriber.complete();
        };
        ends.set(job.input.epoch, end);
        job.onAbort(() => undefined); // it ends in its own time
      });
    const vs = evaluation({ name: 'vs', every: 1, overlap: 'queue', executor });
    const heard: unknown[] = [];
    vs.results$.subscribe({ next: ({ epoch }) => heard.push(epoch), complete: () => heard.push('|') });
    const asked: boolean[] = [];
    const { unregister } = trainer.register(vs);

    const session = trainer.open();
    session.epochStart();
    await session.epochEnd({ loss: 1 });
    unregister();
    asked.push(vs.request());
    trainer.register(vs);
    ends.get(1)?.();
    session.epochStart();
    await session.epochEnd({ loss: 1 });
    ends.get(2)?.();
    asked.push(vs.request());
    ends.get(2)?.();
    await session.end();

    expect(asked).toEqual([false, true]);
    expect(heard).toEqual([1, 2, 2, '|']);
    expect(vs.request()).toBe(false);
    expectConserved({ events });
  });
});
