import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, merge } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation, type Evaluation } from '../../src/callbacks/index.ts';
import type { JournalledEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { createRng } from '../../src/games/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { everyEpochs, everySteps, type Trigger } from '../../src/operators/index.ts';
import { toConserve } from '../../src/testing/to-conserve.ts';
import { Trainer, type Epoch } from '../../src/trainer/index.ts';
import { linesOf } from './resumable.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Evaluations that outlast epochs, so that several are in flight wherever the run is cut off.
 *
 * @param stepsEach one of them is of steps that have a file
 */
function evaluations(stepsEach: number): Evaluation[] {
  const made = (name: string, when: Trigger, options: object = {}) =>
    evaluation({
      name,
      when,
      overlap: 'queue',
      sla: false,
      breaker: false,
      executor: inlineExecutor(async ({ epoch }: { readonly epoch: number }) => {
        for (let turns = 0; turns < 9 - epoch; turns++) await turn();
        return epoch;
      }),
      ...options,
    });
  const endsOf = (name: string): Trigger =>
    filter((event) => event.type === 'evaluation:end' && event.name === name && event.status === 'completed');
  return [
    made('twice', (events$) => merge(everyEpochs(2)(events$), everyEpochs(3)(events$))),
    made('steps', everySteps(stepsEach)),
    made('first', everyEpochs(1)),
    made('then', endsOf('first')),
    made('last', everyEpochs(4), { atEnd: true }),
  ];
}

/** How its epochs tell of their files. */
const saving = {
  'in the middle of epochs and at their ends': { inMiddle: true, atEnd: true },
  'only in the middle of epochs': { inMiddle: true, atEnd: false },
  'only at the ends of epochs': { inMiddle: false, atEnd: true },
} as const;

function essenceOf(events: readonly JournalledEvent[]): readonly string[] {
  return events
    .flatMap((event) => {
      if (event.type === 'epoch:end') return [`epoch ${event.epoch}`];
      if (event.type !== 'evaluation:end' || event.error?.code === 'HOST_LOST') return [];
      return [`${event.name} of ${event.epoch}, ${event.step}: ${event.status}`];
    })
    .sort();
}

describe('a run that is cut off again and again', () => {
  it.each(Object.entries(saving))('ends as one that was not, with files %s', async (_, { inMiddle, atEnd }) => {
    const root = await mkdtemp(join(tmpdir(), 'resume-'));
    const options = { name: 'training', epochs: 5, journal: join(root, '.pitwall') };
    const runFolder = join(options.journal, 'run');
    const saved = async (step: number): Promise<string> => {
      await writeFile(join(root, `weights-${step}`), `the weights after step ${step}`);
      return join(root, `weights-${step}`);
    };
    const epoch = async (epoch: Epoch): Promise<void> => {
      for (let step = epoch.resumedAtStep ?? (epoch.epoch - 1) * 4; step < epoch.epoch * 4;) {
        await epoch.step(() => ++step);
        if (step % 4 === 0 ? atEnd : inMiddle) await epoch.checkpoint(await saved(step));
      }
      await turn();
    };
    const train = async (trainer: Trainer): Promise<void> => {
      for (const callback of evaluations(inMiddle ? 3 : 4)) trainer.register(callback);
      await trainer.fit(epoch);
    };
    await train(new Trainer({ ...options, runId: 'run' }));
    const whole = { lines: await linesOf(runFolder), essence: essenceOf(await readJournal(runFolder)) };
    const rng = createRng(2_027);

    for (let chain = 0; chain < 4; chain++) {
      let lines = whole.lines;
      let from = Math.floor(rng() * (lines.length - 1));
      const cuts: number[] = [];
      for (let link = 0; link < 5; link++) {
        cuts.push(from);
        await writeFile(join(runFolder, 'events.jsonl'), lines.slice(0, from).join(''));
        await train(await Trainer.resume('run', options));

        const [standing, all] = [await readJournal(runFolder), await readJournal(runFolder, { all: true })];
        expect({ cuts, essence: essenceOf(standing) }).toEqual({ cuts, essence: whole.essence });
        for (const events of [standing, all]) expect(toConserve(events)).toMatchObject({ pass: true });
        lines = await linesOf(runFolder);
        const resumedAt = lines.findLastIndex((line) => line.includes('"type":"run:resume"'));
        from = Math.min(Math.max(1, resumedAt) + Math.floor(rng() * 6), lines.length - 1);
      }
    }
    await rm(root, { recursive: true });
  });
});
