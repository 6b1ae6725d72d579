import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bestCheckpoint,
  checkpoint,
  earlyStopping,
  evaluation,
  metricsHistory,
  reduceOnPlateau,
  stopAfter,
  terminateOnNaN,
} from '../../src/callbacks/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { sha256, temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

const kinds = [
  'checkpoint',
  'bestCheckpoint',
  'evaluation',
  'reduceOnPlateau',
  'earlyStopping',
  'terminateOnNaN',
] as const;
type Kind = (typeof kinds)[number];

/** Each of any two comes before the other in some of them. */
const orders: readonly (readonly Kind[])[] = kinds.flatMap((_, at) => {
  const turned = [...kinds.slice(at), ...kinds.slice(0, at)];
  return [turned, turned.toReversed()];
});

const rates = [0.5, 0.8, 0.7, 0.6, 0.9];

/** A real training with real files: each file is evaluated when it is told, and the next epoch begins when that has ended. */
async function trained(order: readonly Kind[], { id, nanAt = 0 }: { readonly id: string; readonly nanAt?: number }) {
  const trainer = new Trainer({ name: 'files', epochs: 5, journal: join(folder.path, id) });
  const read: string[] = [];
  const executor = inlineExecutor((path: string) => {
    const weights = readFileSync(path, 'utf8'); // it is there, and whole
    read.push(weights);
    return { winRate: rates[Number(weights) - 1] ?? 0 };
  });
  const vsRandom = evaluation({
    name: 'vs-random',
    when: (run$) => run$.pipe(filter(({ type }) => type === 'checkpoint')),
    overlap: 'queue',
    executor,
    input: (request) => request.checkpoint?.path ?? 'no file',
  });
  const saved = join(folder.path, id, 'saved');
  const plateau = reduceOnPlateau({ on: vsRandom, metric: 'winRate', patience: 1 });
  const best = bestCheckpoint({ path: join(folder.path, id, 'best'), on: vsRandom, metric: 'winRate' });
  const callbacks = {
    checkpoint: checkpoint({ path: saved, keep: 1, save: ({ epoch }) => String(epoch) }),
    bestCheckpoint: best,
    evaluation: vsRandom,
    reduceOnPlateau: plateau,
    earlyStopping: earlyStopping({ on: vsRandom, metric: 'winRate', patience: 4 }),
    terminateOnNaN: terminateOnNaN(),
  };
  for (const kind of order) trainer.register(callbacks[kind]);
  const history = metricsHistory();
  trainer.register(history);
  const events: RunEvent[] = [];
  trainer.events$.subscribe((event) => events.push(event));
  const judged = (): Promise<void> =>
    new Promise((resolve) => {
      const subscription = trainer.events$.subscribe(({ type }) => {
        if (type !== 'evaluation:end') return;
        subscription.unsubscribe();
        resolve();
      });
    });
  let isJudged = Promise.resolve();
  const { status, reason, evaluations } = await trainer.fit(async (epoch) => {
    await isJudged;
    await epoch.step(1);
    const loss = epoch.epoch === nanAt ? NaN : 1;
    if (loss === 1) isJudged = judged();
    return { loss };
  });
  const names = (path: string) => readdirSync(path).sort();
  const { epoch, value } = best.best ?? {};
  return {
    events,
    journal: join(folder.path, id, trainer.runId),
    found: {
      status,
      reason,
      evaluations,
      read,
      saved: names(saved),
      best: names(join(folder.path, id, 'best')),
      epoch,
      value,
    },
    scale: plateau.scale,
    results: history.history.map((row) => [row.epoch, row.results.map(({ result }) => result)]),
  };
}

describe('the ready-made callbacks that keep files, in a run of a real trainer', () => {
  it('save, evaluate, copy and delete in that order, and the journal tells it', async () => {
    const { found, events, journal, scale, results } = await trained(kinds, { id: 'run' });

    expect(found).toEqual({
      status: 'completed',
      reason: undefined,
      evaluations: { requested: 5, completed: 5, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
      read: ['1', '2', '3', '4', '5'],
      saved: ['epoch-00005.bin'],
      best: ['epoch-00005.bin'],
      epoch: 5,
      value: 0.9,
    });
    expect(scale).toBeCloseTo(0.01);
    expect(results).toEqual(rates.map((winRate, index) => [index + 1, [{ winRate }]]));
    expect(events.map(({ type }) => type).filter((type) => type === 'callback:error')).toEqual([]);
    const told = (await readJournal(journal)).flatMap((event) => (event.type === 'checkpoint' ? [event] : []));
    expect(told.map(({ epoch, step, hash }) => [epoch, step, hash])).toEqual(
      [1, 2, 3, 4, 5].map((epoch) => [epoch, epoch, sha256(String(epoch))]),
    );
    // The last file is written beside the end of the training, and told before that of the run.
    expect(events.findLastIndex(({ type }) => type === 'checkpoint')).toBeLessThan(events.length - 1);
  });

  // keras#21771: a stop for NaN deletes the backup.
  it('have the last good file after a stop for NaN', async () => {
    const { found } = await trained(kinds, { id: 'nan', nanAt: 4 });

    expect(found).toMatchObject({ status: 'stopped', saved: ['epoch-00003.bin'], best: ['epoch-00002.bin'], epoch: 2 });
  });

  // Elsewhere it matters which callback was registered first.
  it.each([0, 4])('come to the same in any order, with a NaN in epoch %i', async (nanAt) => {
    const { found: first } = await trained(kinds, { id: `first-${nanAt}`, nanAt });

    for (const [index, order] of orders.entries()) {
      const { found } = await trained(order, { id: `${nanAt}-${index}`, nanAt });
      expect(found, order.join(', ')).toEqual(first);
    }
  });
});

describe('the configuration that a run tells of its ready-made callbacks', () => {
  it.each([
    [earlyStopping({ metric: 'loss', patience: 2 }), { metric: 'loss', mode: 'min', minDelta: 0, patience: 2 }],
    [
      earlyStopping({ on: 'vs-random', metric: 'winRate', patience: 2 }),
      { metric: 'winRate', on: 'vs-random', mode: 'max', minDelta: 0, patience: 2 },
    ],
    [terminateOnNaN(), {}],
    [terminateOnNaN({ metrics: ['loss'] }), { metrics: ['loss'] }],
    [metricsHistory(), { keep: 10_000 }],
    [stopAfter({ afterMs: 5 }), { afterMs: 5 }],
    [checkpoint({ path: 'a', save: () => '' }), { path: 'a', every: 1, extension: 'bin' }],
    [
      checkpoint({ path: 'a', metric: 'loss', keep: 2, save: () => '' }),
      { path: 'a', metric: 'loss', mode: 'min', minDelta: 0, keep: 2, extension: 'bin' },
    ],
    [bestCheckpoint({ path: 'b', metric: 'loss' }), { path: 'b', metric: 'loss', mode: 'min', minDelta: 0, keep: 1 }],
    [
      reduceOnPlateau({ metric: 'loss', patience: 1 }),
      {
        metric: 'loss',
        mode: 'min',
        minDelta: 0,
        patience: 1,
        factor: 0.1,
        cooldown: 0,
        minScale: 0,
        scales: 'learningRate',
      },
    ],
  ])('is what it was made of: %#', ({ config }, told) => {
    expect(JSON.parse(JSON.stringify(config))).toEqual(told);
  });
});

describe('files that waited for a verdict until the end', () => {
  it('are deleted by their keep then, and the run waits for it', async () => {
    const trainer = new Trainer({ name: 'files', epochs: 6, journal: false, drain: 'cancel' });
    const vs = evaluation({ name: 'vs', every: 1, overlap: 'queue', executor: () => NEVER, sla: false });
    const saved = join(folder.path, 'waited');
    trainer.register(vs);
    trainer.register(checkpoint({ path: saved, keep: 2, save: ({ epoch }) => String(epoch) }));
    trainer.register(bestCheckpoint({ path: join(folder.path, 'waited-best'), on: vs, metric: 'winRate' }));
    await trainer.fit(async () => {
      const told = firstValueFrom(trainer.events$.pipe(filter(({ type }) => type === 'checkpoint')));
      if (trainer.state.epoch > 1) await told; // of the epoch before
    });

    expect(readdirSync(saved).toSorted()).toEqual(['epoch-00005.bin', 'epoch-00006.bin']);
  });
});
