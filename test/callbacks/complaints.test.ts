import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstValueFrom, filter, map, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bestCheckpoint, earlyStopping, evaluation, metricsHistory } from '../../src/callbacks/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { webhook } from '../../src/observability/webhook.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { receiver } from '../observability/receiver.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

/** An evaluation that ends when the test says so, by the epoch that it is of. */
function byHand() {
  const answers = new Map<number, () => void>();
  const vs = evaluation({
    name: 'vs',
    every: 1,
    overlap: 'parallel',
    sla: false,
    input: ({ epoch, checkpoint }) => ({ epoch, path: checkpoint?.path ?? '' }),
    executor: inlineExecutor(
      ({ epoch, path }: { readonly epoch: number; readonly path: string }) =>
        new Promise<{ winRate: number; weights: string }>((resolve) => {
          answers.set(epoch, () => {
            resolve({ winRate: epoch === 2 ? 0.9 : 0.1, weights: path === '' ? '' : readFileSync(path, 'utf8') });
          });
        }),
    ),
  });
  return { vs, answer: (epoch: number) => answers.get(epoch)?.() };
}

// What people complain of in the trackers of other callback systems, each with its place there.
describe('a complaint about callbacks elsewhere', () => {
  it('does not hold: patience is lost on resume (keras#14862, transformers#28544)', async () => {
    const options = { name: 'training', epochs: 10, journal: join(folder.path, '.pitwall') };
    const train = async (trainer: Trainer, untilEpoch: number) => {
      trainer.register(earlyStopping({ metric: 'loss', patience: 4 }));
      const session = trainer.open();
      while (session.epochStart() < untilEpoch) {
        await session.checkpoint(await weights(`epoch-${trainer.state.epoch}`));
        await session.epochEnd({ loss: 1 });
      }
      return session;
    };
    const first = new Trainer({ ...options, runId: 'run' });
    await (await train(first, 4)).end(); // three epochs, of which two are no better
    const file = join(options.journal, 'run', 'events.jsonl');
    const lines = readFileSync(file, 'utf8').split(/(?<=\n)/);
    const cut = lines.findLastIndex((line) => line.includes('"epoch:start"'));
    await writeFile(file, lines.slice(0, cut).join('')); // the process was gone in the fourth

    const second = await Trainer.resume('run', options);
    second.register(earlyStopping({ metric: 'loss', patience: 4 }));
    const outcome = await second.fit(() => ({ loss: 1 }));

    expect(outcome).toMatchObject({ status: 'stopped', epochs: 5 });
    expect(outcome.reason).toContain('than 1, of epoch 1, for 4 epochs');
  });

  it('does not hold: the weights of another epoch are kept as the best (Lightning#7694)', async () => {
    const { vs, answer } = byHand();
    const trainer = new Trainer({ name: 'training', epochs: 4, journal: false });
    trainer.register(vs);
    const best = bestCheckpoint({ on: vs, metric: 'winRate', path: join(folder.path, 'best') });
    trainer.register(best);
    await trainer.fit(async (epoch) => {
      if (epoch.epoch === 4) for (const each of [1, 2, 3]) answer(each); // long after their epochs
      await epoch.checkpoint(await weights(`epoch-${epoch.epoch}`));
      if (epoch.epoch === 4)
        trainer.events$.pipe(filter(({ type }) => type === 'training:end')).subscribe(() => {
          answer(4);
        });
    });

    expect(best.best).toMatchObject({ epoch: 2, value: 0.9 });
    expect(readFileSync(best.best?.path ?? '', 'utf8')).toBe('the weights of epoch-2');
  });

  it('does not hold: a late result is logged at the wrong step (wandb#6077)', async () => {
    const { vs, answer } = byHand();
    const trainer = new Trainer({ name: 'training', epochs: 3, journal: false });
    const history = metricsHistory();
    trainer.register(vs);
    trainer.register(history);
    trainer.events$.pipe(filter(({ type }) => type === 'training:end')).subscribe(() => {
      for (const each of [3, 1, 2]) answer(each);
    });
    await trainer.fit((epoch) => epoch.step(() => ({ loss: 1 })));

    const told = history.history.map(({ epoch, step, results }) => [epoch, step, results.map((each) => each.step)]);
    expect(told).toEqual([
      [1, 1, [1]],
      [2, 2, [2]],
      [3, 3, [3]],
    ]);
  });

  it('does not hold: one handler swallows another (ignite#1234)', async () => {
    const trainer = new Trainer({ name: 'training', epochs: 2, journal: false });
    const heard: string[] = [];
    const errors = firstValueFrom(
      trainer.events$.pipe(
        filter((event) => event.type === 'callback:error'),
        map(({ callback }) => callback),
      ),
    );
    trainer.register({ name: 'before', onEpochEnd: ({ epoch }) => heard.push(`before ${epoch}`) });
    trainer.register({
      name: 'throws',
      onEpochEnd: () => {
        throw new Error('a bug');
      },
    });
    trainer.register({ name: 'after', onEpochEnd: ({ epoch }) => heard.push(`after ${epoch}`) });
    await trainer.fit(() => undefined);

    expect(heard).toEqual(['before 1', 'after 1', 'before 2', 'after 2']);
    expect(await errors).toBe('throws');
  });

  it("does not hold: a logger's HTTP error ends the training (optuna PR 2017, verl#4904)", async () => {
    const server = await receiver();
    const trainer = new Trainer({ name: 'training', epochs: 2, journal: false });
    trainer.register(webhook({ url: server.url, on: ['run-end'] }));
    const ended = trainer.fit(() => undefined);
    (await server.next()).answer(400);

    expect(await ended).toMatchObject({ status: 'completed', epochs: 2 });
  });

  it('does not hold: the last evaluation is dropped when the training ends (prime-rl#2912)', async () => {
    const { vs, answer } = byHand();
    const trainer = new Trainer({ name: 'training', epochs: 1, journal: false });
    trainer.register(vs);
    trainer.events$.pipe(filter(({ type }) => type === 'training:end')).subscribe(() => {
      setImmediate(() => answer(1));
    });

    expect(await trainer.fit(() => undefined)).toMatchObject({ evaluations: { requested: 1, completed: 1 } });
  });

  it('does not hold: evaluations wait without bound (seed_rl#65)', async () => {
    const trainer = new Trainer({ name: 'training', epochs: 100, journal: false, drain: 'cancel' });
    trainer.register(evaluation({ name: 'vs', every: 1, executor: () => NEVER, sla: false }));
    let most = 0;
    await trainer.fit(() => {
      most = Math.max(most, trainer.state.evaluationsInFlight.length);
    });

    expect(most).toBe(2); // one runs, one waits
  });

  async function weights(of: string): Promise<string> {
    const path = join(folder.path, of);
    await writeFile(path, `the weights of ${of}`);
    return path;
  }
});
