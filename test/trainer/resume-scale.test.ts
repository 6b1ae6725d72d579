import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, filter, map, NEVER } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineCallback, evaluation, reduceOnPlateau, scale, type Callback } from '../../src/callbacks/index.ts';
import { scaleTold, type RunEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { Trainer, type Epoch } from '../../src/trainer/index.ts';
import { linesOf, Resumable } from './resumable.ts';

let root: string;
let saved: Resumable;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-scale-'));
  saved = new Resumable(join(root, 'weights'));
});

afterEach(() => rm(root, { recursive: true }));

const losses = [9, 7, 7, 7, 6, 6, 6, 6, 6];
const winRates = [0.5, 0.8, 0.7, 0.6, 0.9, 0.8, 0.95, 0.97, 0.99];
const options = { name: 'training', epochs: losses.length };

/** Gives a factor at the end of each third epoch, and has no memory. */
const everyThird = () =>
  defineCallback('every-third', (run) =>
    run.events$.pipe(
      filter((event) => event.type === 'epoch:end' && event.epoch % 3 === 0),
      map(() => scale('learningRate', 0.9, 'a third epoch has ended')),
    ),
  );

const ofLoss = (): Callback[] => [
  reduceOnPlateau({ metric: 'loss', patience: 1, factor: 0.5 }),
  reduceOnPlateau({ metric: 'loss', patience: 2, factor: 0.25, name: 'later' }),
  everyThird(),
];

const ofResults = (): Callback[] => {
  const executor = inlineExecutor(({ epoch }: { readonly epoch: number }) => ({ winRate: winRates[epoch - 1] }));
  const vs = evaluation({ name: 'vs', every: 1, overlap: 'queue', executor, sla: false });
  return [vs, reduceOnPlateau({ on: vs, metric: 'winRate', patience: 1, factor: 0.5 }), everyThird()];
};

/** Runs what is left, and gives the scale that each epoch had when it was run last. */
async function train(trainer: Trainer<{ loss: number }>, callbacks: readonly Callback[], scales: Map<number, number>) {
  for (const callback of callbacks) trainer.register(callback);
  await trainer.fit(async (epoch: Epoch) => {
    scales.set(epoch.epoch, epoch.scaleOf('learningRate'));
    await saved.epoch(epoch);
    return { loss: losses[epoch.epoch - 1]! };
  });
  return trainer.runFolder!;
}

/** Each directive that stands, in an order that is the same wherever a run was cut, and their product. */
async function reductionsIn(runFolder: string) {
  const told = (await readJournal(runFolder)).flatMap((event) => scaleTold(event) ?? []);
  return { told: told.map(({ callback, factor }) => `${callback}: ${factor}`).sort(), product: told.at(-1)?.scale };
}

/** The same callbacks, and each of them first in some. */
function turned(callbacks: readonly Callback[], by: number): Callback[] {
  const at = by % callbacks.length;
  const all = [...callbacks.slice(at), ...callbacks.slice(0, at)];
  return by % 2 === 0 ? all : all.toReversed();
}

/** A run that was never cut off, and the ways to go on with it from each of its lines. */
async function wholeRun(callbacks: () => readonly Callback[]) {
  const journal = join(root, '.pitwall');
  const scales = new Map<number, number>();
  const runFolder = await train(new Trainer({ ...options, journal, runId: 'run' }), callbacks(), scales);
  const lines = await linesOf(runFolder);
  const whole = { scales, lines, reductions: await reductionsIn(runFolder) };
  const cutAt = (count: number) => writeFile(join(runFolder, 'events.jsonl'), lines.slice(0, count).join(''));
  const goOn = async (order: number, known = new Map(scales)) => {
    await train(await Trainer.resume('run', { ...options, journal }), turned(callbacks(), order), known);
    return known;
  };
  return { ...whole, runFolder, cutAt, goOn };
}

/** What a callback without memory has given is not known to anybody where only the event that it answers is on the disk. */
function isForgotten(lines: readonly string[], count: number): boolean {
  const events = lines.map((line) => JSON.parse(line) as RunEvent & { readonly seq: number });
  const lastSeq = events[count - 1]?.seq ?? 0;
  return events.slice(count).some((event) => {
    const { callback, causedBySeq = Infinity } = scaleTold(event) ?? {};
    return callback === 'every-third' && causedBySeq <= lastSeq;
  });
}

describe('what was scaled in a run that is resumed', () => {
  it('is in each epoch what it was in a run that was never cut off', async () => {
    const { lines, runFolder, scales, reductions, cutAt, goOn } = await wholeRun(ofLoss);
    expect(reductions.told).toHaveLength(6 + 3 + 3);

    for (let count = 1; count < lines.length; count++) {
      await cutAt(count);
      const known = await goOn(count);

      if (isForgotten(lines, count)) continue;
      for (const [epoch, value] of known)
        expect({ count, epoch, value }).toEqual({
          count,
          epoch,
          value: expect.closeTo(scales.get(epoch)!, 12) as number,
        });
      expect({ count, ...(await reductionsIn(runFolder)) }).toEqual({
        count,
        told: reductions.told,
        product: expect.closeTo(reductions.product!, 12) as number,
      });
    }
  }, 120_000);

  it('comes to the same by the results of an evaluation', async () => {
    const { lines, runFolder, reductions, cutAt, goOn } = await wholeRun(ofResults);
    expect(reductions.told).toHaveLength(3 + 3);

    for (let count = 1; count < lines.length; count++) {
      await cutAt(count);
      await goOn(count);

      if (isForgotten(lines, count)) continue;
      expect({ count, ...(await reductionsIn(runFolder)) }).toEqual({
        count,
        told: reductions.told,
        product: expect.closeTo(reductions.product!, 12) as number,
      });
    }
  }, 120_000);

  it('comes to the same where it is cut off again and again', async () => {
    const { lines, runFolder, reductions, cutAt, goOn } = await wholeRun(ofResults);
    for (const from of [20, 33, 47]) {
      await cutAt(from);
      for (let link = 0; link < 6; link++) {
        await goOn(link);
        expect({ from, link, ...(await reductionsIn(runFolder)) }).toMatchObject({ from, link, told: reductions.told });
        const now = await linesOf(runFolder);
        const resumedAt = now.findLastIndex((line) => line.includes('"type":"run:resume"'));
        const end = Math.min(resumedAt + 1 + link * 3, now.length - 1);
        let until = end;
        while (isForgotten(now, until)) until++;
        await writeFile(join(runFolder, 'events.jsonl'), now.slice(0, until).join(''));
      }
    }
    expect(lines.length).toBeGreaterThan(47);
  }, 120_000);

  it('takes nothing from what is given because of the history', async () => {
    const { lines, cutAt } = await wholeRun(ofLoss);
    await cutAt(lines.findIndex((line) => line.includes('"type":"epoch:start"') && line.includes('"epoch":2')));
    const trainer = await Trainer.resume('run', { ...options, journal: join(root, '.pitwall'), allowChanged: true });
    trainer.register(
      defineCallback('eager', (run) => concat(run.history$, NEVER).pipe(map(() => scale('learningRate', 0.5)))),
    );
    const session = trainer.open();

    expect(session.scaleOf('learningRate')).toBe(1);
    await session.end();
  });
});
