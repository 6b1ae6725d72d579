import { map, NEVER, timer } from 'rxjs';
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
});
