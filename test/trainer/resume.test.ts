import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/journal/index.ts';
import { toConserve } from '../../src/testing/to-conserve.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { essenceOf, linesOf, Resumable } from './resumable.ts';

let root: string;
/** A run that was never cut off. */
let whole: { readonly runFolder: string; readonly lines: readonly string[]; readonly essence: unknown };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-'));
  const weights = join(root, 'weights');
  const journal = join(root, 'whole');
  const trainer = new Trainer<{ loss: number }>({ name: 'training', epochs: 12, journal, runId: 'run' });
  await new Resumable(weights).train(trainer);
  const runFolder = join(journal, 'run');
  whole = { runFolder, lines: await linesOf(runFolder), essence: essenceOf(await readJournal(runFolder)) };
});

afterAll(() => rm(root, { recursive: true }));

/** A journal that ends where the process was gone. */
async function cutOff(name: string, text: string): Promise<string> {
  const journal = join(root, name);
  await cp(join(root, 'whole'), journal, { recursive: true });
  await writeFile(join(journal, 'run', 'events.jsonl'), text);
  return journal;
}

async function goOn(
  journal: string,
): Promise<{ readonly run: Resumable; readonly trainer: Trainer<{ loss: number }> }> {
  const run = new Resumable(join(root, 'weights'));
  const trainer = await Trainer.resume<{ loss: number }>('latest', { name: 'training', epochs: 12, journal });
  await run.train(trainer);
  return { run, trainer };
}

describe('a run that is resumed', () => {
  it('is what it was meant to be, when it is not cut off', () => {
    expect(whole.essence).toMatchObject({
      end: ['stopped', '"winRate" of "vs" has not been better than 0.8, of epoch 4, for 3 evaluations', 10],
      breaker: [['flaky', 'closed', 'open']],
    });
  });

  it('ends the same after each event at which it was cut off', async () => {
    for (let count = 0; count < whole.lines.length; count++) {
      const torn = whole.lines[count]?.slice(0, count % 40) ?? '';
      const journal = await cutOff(`cut-${count}`, whole.lines.slice(0, count).join('') + torn);
      const { trainer } = await goOn(journal);
      const runFolder = trainer.runFolder ?? '';

      const standing = await readJournal(runFolder);
      expect({ count, ...(essenceOf(standing) as object) }).toEqual({ count, ...(whole.essence as object) });
      for (const events of [standing, await readJournal(runFolder, { all: true })])
        expect(toConserve(events).message()).toMatch(/^Some evaluation was to be lost/);
      expect((await readdir(runFolder)).filter((name) => name.startsWith('lock'))).toEqual([]);
      await rm(journal, { recursive: true });
    }
  }, 120_000);

  it('ends the same where its checkpoints are written beside it, with the same best one', async () => {
    const [files, journal, uncut] = [join(root, 'files'), join(root, 'beside'), join(root, 'uncut')];
    const made = { name: 'training', epochs: 12, journal };
    const beside = (): Resumable => new Resumable(files, { isSavedBeside: true });
    await beside().train(new Trainer({ ...made, runId: 'run' }));
    const lines = await linesOf(join(journal, 'run'));
    const essence = essenceOf(await readJournal(join(journal, 'run')));
    await cp(files, uncut, { recursive: true });

    for (let count = 1; count < lines.length; count += 5) {
      await rm(files, { recursive: true });
      await cp(uncut, files, { recursive: true });
      await writeFile(join(journal, 'run', 'events.jsonl'), lines.slice(0, count).join(''));
      await beside().train(await Trainer.resume('run', made));

      const standing = await readJournal(join(journal, 'run'));
      expect({ count, ...(essenceOf(standing) as object) }).toEqual({ count, ...(essence as object) });
      expect(await readdir(join(files, 'best'))).toEqual(['epoch-00004.bin']);
      expect(await readdir(join(files, 'saved'))).toEqual(await readdir(join(uncut, 'saved')));
    }
  }, 120_000);
});
