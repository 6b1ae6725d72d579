import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestCheckpoint, CheckpointPins, type BestCheckpointOptions } from '../../src/callbacks/index.ts';
import type { RunEventSketch } from '../../src/testing/index.ts';
import { completed, connected, ended, requested } from './connected.ts';
import { sha256, temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const pathOf = (epoch: number, extension = 'bin') => join(folder.path, `weights-${epoch}.${extension}`);
const namesIn = () => readdirSync(join(folder.path, 'best')).sort();
const epochsIn = () => namesIn().map((name) => Number(/^epoch-0*(\d+)\.bin$/.exec(name)?.[1] ?? NaN));
const matching = (sentence: RegExp): unknown => expect.stringMatching(sentence);

/** Writes the file of an epoch, and gives what is told of it. */
function fileOf(epoch: number, content = `weights of ${epoch}`, extension = 'bin') {
  const path = pathOf(epoch, extension);
  writeFileSync(path, content);
  return { path, hash: sha256(content) };
}

/** An epoch that ends with its file. */
function saved(epoch: number, loss: unknown, file = fileOf(epoch)) {
  return { ...ended(epoch, { loss }), checkpoint: file, step: epoch * 10 } as const;
}

/** A file that is told when it has been written beside the training. */
function late(epoch: number, file = fileOf(epoch)) {
  return { type: 'checkpoint', epoch, step: epoch * 10, ...file } as const;
}

const onResults = { on: 'vs-random', metric: 'winRate' } as const;

function keeping(options: Partial<BestCheckpointOptions> = {}, connection: Parameters<typeof connected>[1] = {}) {
  const callback = bestCheckpoint({ path: join(folder.path, 'best'), metric: 'loss', ...options });
  const run = connected(callback, connection);
  /** Tells the events, each when all before it has been done. */
  const tells = async (...sketches: readonly RunEventSketch[]): Promise<void> => {
    for (const sketch of sketches) {
      run.tell(sketch);
      await run.settled();
    }
  };
  return { ...run, tells, callback };
}

describe('bestCheckpoint', () => {
  it('keeps a copy of the best, and tells it', async () => {
    const { tells, callback } = keeping();
    expect(callback.best).toBeUndefined();

    await tells(saved(1, 9), saved(2, 5), saved(3, 7));

    expect(namesIn()).toEqual(['epoch-00002.bin']);
    const path = join(folder.path, 'best', 'epoch-00002.bin');
    expect(callback.best).toEqual({ epoch: 2, value: 5, path });
    expect(readFileSync(path, 'utf8')).toBe('weights of 2');
    expect(readFileSync(pathOf(2), 'utf8')).toBe('weights of 2'); // it was copied, not moved
  });

  it.each<[string, readonly unknown[], Partial<BestCheckpointOptions>, readonly number[]]>([
    ['the best three', [5, 9, 3, 7, 4], { keep: 3 }, [1, 3, 5]],
    ['fewer where there are fewer', [5], { keep: 3 }, [1]],
    ['the larger as the better', [1, 3, 2], { mode: 'max' }, [2]],
    ['the earlier of equals', [5, 5, 5], {}, [1]],
    ['the earlier ones of equals', [5, 5, 5], { keep: 2 }, [1, 2]],
    ['none that is better by exactly the least delta', [5, 4, 3.9], { minDelta: 1 }, [3]],
    ['nothing that is unmeasured', [NaN, null, 5, Infinity, -Infinity, 'low', undefined], { keep: 3 }, [3]],
  ])('keeps %s', async (_, losses, options, epochs) => {
    const { tells } = keeping(options);

    await tells(...losses.map((loss, index) => saved(index + 1, loss)));

    expect(epochsIn()).toEqual(epochs);
  });

  it('never holds nothing once it held something', async () => {
    const { tells } = keeping();
    await tells(saved(1, 9));
    const seen: number[] = [];
    const looks = setInterval(() => seen.push(epochsIn().length), 0);

    await tells(saved(2, 8), saved(3, 7), saved(4, 6));
    clearInterval(looks);

    expect(epochsIn()).toEqual([4]);
    expect(seen.filter((count) => count === 0)).toEqual([]);
  });

  it('takes the last file of an epoch, in its middle or at its end', async () => {
    const { tells } = keeping({ keep: 2 });
    const middle = (epoch: number, content: string) =>
      ({ type: 'checkpoint', epoch, step: epoch * 10 - 5, ...fileOf(epoch, content) }) as const;

    await tells(middle(1, 'in the middle'), ended(1, { loss: 5 }));
    await tells(middle(2, 'in the middle'), saved(2, 4, fileOf(20, 'at the end')));

    expect(namesIn().map((name) => readFileSync(join(folder.path, 'best', name), 'utf8'))).toEqual([
      'in the middle',
      'at the end',
    ]);
  });

  it('copies a file that is told after its epoch was judged', async () => {
    const { tells, reported } = keeping();

    await tells(ended(1, { loss: 5 }), { type: 'epoch:start', epoch: 2 }, late(1), ended(2, { loss: 7 }), late(2));

    expect([epochsIn(), reported]).toEqual([[1], []]);
  });

  it('does not take the file of the middle for that of the end, once that is there', async () => {
    const { tells } = keeping();

    await tells({ ...late(1, fileOf(10, 'in the middle')), step: 5 }, ended(1, { loss: 5 }), late(1, fileOf(1, 'end')));

    expect(readFileSync(join(folder.path, 'best', 'epoch-00001.bin'), 'utf8')).toBe('end');
  });

  it('names a copy after its epoch and the extension of its source', async () => {
    const { tells } = keeping({ keep: 2 });
    writeFileSync(join(folder.path, 'weights'), 'a');

    await tells(
      saved(1, 1, fileOf(1, 'a', 'json')),
      saved(123_456, 2, { path: join(folder.path, 'weights'), hash: sha256('a') }),
    );

    expect(namesIn()).toEqual(['epoch-00001.json', 'epoch-123456.bin']);
  });

  describe('on the results of an evaluation', () => {
    const file = (epoch: number) => saved(epoch, 0);
    const isPinned = (pins: CheckpointPins) => [1, 2, 3].filter((epoch) => pins.isPinned(pathOf(epoch)));

    it('judges them in the order of their requests, under the epoch that they are of', async () => {
      const { tells, callback } = keeping(onResults);

      await tells(...[1, 2, 3].flatMap((epoch) => [file(epoch), requested(epoch)]));
      await tells(completed(3, { winRate: 0.6 }));
      expect(callback.best).toBeUndefined();

      await tells(completed(2, { winRate: 0.8 }), completed(1, { winRate: 0.7 }));
      expect(callback.best).toMatchObject({ epoch: 2, value: 0.8 });
      expect(epochsIn()).toEqual([2]);
    });

    it('judges an estimate by the bound that promises least', async () => {
      const { tells, callback } = keeping({ on: 'vs-random', metric: 'elo' });

      await tells(file(1), requested(1), completed(1, { elo: { low: -5, high: 10 } }));
      await tells(file(2), requested(2), completed(2, { elo: { low: -6, high: 30 } }));

      expect(callback.best).toMatchObject({ epoch: 1, value: -5 });
    });

    // capi#9: a checkpoint was deleted while its evaluation was queued.
    it('pins a file until its epoch is judged and copied, or cannot be judged any more', async () => {
      const { tells, pins, tell } = keeping(onResults);

      await tells(file(1), requested(1), { type: 'epoch:start', epoch: 2 }, file(2));
      expect(isPinned(pins)).toEqual([1, 2]);

      await tells({ type: 'epoch:start', epoch: 3 }); // nobody has asked for epoch 2
      expect(isPinned(pins)).toEqual([1]);

      tell(completed(1, { winRate: 0.5 }));
      expect(isPinned(pins)).toEqual([1]); // it is being copied
      await tells(file(3), requested(3));
      expect([epochsIn(), isPinned(pins)]).toEqual([[1], [3]]);

      await tells({ type: 'epoch:start', epoch: 4 }, completed(3, { winRate: 0.4 }));
      expect([epochsIn(), isPinned(pins)]).toEqual([[1], []]);
    });

    it.each(['violated', 'skipped'] as const)('lets go of a file whose evaluation was %s', async (end) => {
      const { tells, pins } = keeping(onResults);

      await tells(file(1), requested(1), { type: 'epoch:start', epoch: 2 });
      await tells(
        end === 'skipped'
          ? { ...requested(1), type: 'evaluation:skipped', reason: 'busy' }
          : { ...completed(1, undefined), status: end },
      );

      expect(isPinned(pins)).toEqual([]);
    });

    it('lets go of all at the end of the run, and when it is unregistered', async () => {
      const first = keeping(onResults);
      await first.tells(file(1), requested(1), { type: 'training:end' }, { type: 'run:end' });
      expect(isPinned(first.pins)).toEqual([]);

      const second = keeping(onResults);
      await second.tells(file(1), requested(1));
      second.unregister();
      expect(isPinned(second.pins)).toEqual([]);
    });

    it('has a second result of an epoch take the place of the first', async () => {
      const { tells, callback } = keeping(onResults);

      await tells(file(1), requested(1), completed(1, { winRate: 0.5 }), file(2), requested(2));
      await tells(completed(2, { winRate: 0.9 }), { ...requested(2), evaluationId: 'again' });
      await tells({ ...completed(2, { winRate: 0.6 }), evaluationId: 'again' });

      expect(callback.best).toMatchObject({ epoch: 2, value: 0.6 });
      expect(epochsIn()).toEqual([2]);
    });

    it('does not take a file of later steps for that of a result', async () => {
      const { tells } = keeping(onResults);
      const atStep = (step: number) => ({ ...late(1, fileOf(step, `step ${step}`)), step });

      await tells(atStep(5), atStep(10), requested(1), atStep(15), completed(1, { winRate: 0.5 }), atStep(20));

      expect(readFileSync(join(folder.path, 'best', 'epoch-00001.bin'), 'utf8')).toBe('step 10');
    });
  });

  describe('tells what fails, and lives', () => {
    it('a file that was changed after it was told, of which nothing is kept', async () => {
      const { tells, reported, callback } = keeping();
      await tells(saved(1, 9));

      const changed = saved(2, 5);
      writeFileSync(pathOf(2), 'something else');
      await tells(changed);

      expect(reported).toMatchObject([
        {
          code: 'CHECKPOINT_CHANGED',
          message: matching(
            /kept nothing of ".*weights-2\.bin", of epoch 2, because the file was changed after it was told/,
          ),
        },
      ]);
      expect([epochsIn(), callback.best?.epoch]).toEqual([[1], 1]);

      await tells(saved(3, 4));
      expect([epochsIn(), reported.length]).toEqual([[3], 1]);
    });

    it('a file that is gone, and a folder that is a file', async () => {
      const { tells, reported } = keeping();
      const gone = saved(1, 9);
      unlinkSync(pathOf(1));
      await tells(gone);
      writeFileSync(join(folder.path, 'not-a-folder'), '');
      const other = keeping({ path: join(folder.path, 'not-a-folder') });
      await other.tells(saved(2, 9));

      expect(reported).toMatchObject([
        { code: 'CHECKPOINT_NOT_COPIED', message: matching(/could not copy ".*weights-1\.bin", of epoch 1: ENOENT/) },
      ]);
      expect(other.reported).toMatchObject([{ code: 'CHECKPOINT_NOT_COPIED' }]);
    });

    it('once that the best epoch has no file, when there will be none', async () => {
      const { tells, reported } = keeping();

      await tells(saved(1, 9), ended(2, { loss: 5 }), ended(3, { loss: 6 }));
      expect(reported).toEqual([]); // it may be on its way to the disk

      await tells(ended(4, { loss: 6 }), ended(5, { loss: 4 }), ended(6), ended(7), { type: 'run:end' });
      expect(reported).toMatchObject([
        {
          code: 'CHECKPOINT_MISSING',
          message: matching(
            /^"bestCheckpoint\(loss\)" has nothing to copy of epoch 2, the best so far by "loss", because no checkpoint file of that epoch was told: save each epoch/,
          ),
        },
      ]);
      expect(epochsIn()).toEqual([1]);
    });

    it('that no file came at all, at the latest at the end of the run', async () => {
      const { tells, reported } = keeping();

      await tells(ended(1, { loss: 5 }), { type: 'training:end' }, { type: 'run:end' });

      expect(reported).toMatchObject([{ code: 'CHECKPOINT_MISSING' }]);
    });

    it('keeps the best of those that have a file', async () => {
      const { tells, callback } = keeping();

      await tells(saved(1, 9), ended(2, { loss: 1 }), ended(3, { loss: 8 }), saved(4, 7));

      expect([epochsIn(), callback.best?.epoch]).toEqual([[4], 4]);
    });

    it.each(['now', 'in the journal'])(
      'a checkpoint of the run in its folder %s, and leaves that alone',
      async (when) => {
        mkdirSync(join(folder.path, 'best'));
        const paths = [1, 2].map((epoch) => join(folder.path, 'best', `epoch-0000${epoch}.bin`));
        for (const path of paths) writeFileSync(path, 'weights');
        const events = paths.map((path, index) => saved(index + 1, 5 - index, { path, hash: sha256('weights') }));

        const { tells, reported } = keeping({}, { history: when === 'now' ? [] : events });
        if (when === 'now') await tells(...events);
        await tells(saved(3, 1), { type: 'run:end' });

        expect(reported).toMatchObject([
          { code: 'FOLDER_NOT_ITS_OWN', message: matching(/must have a folder of its own.*epoch-00001\.bin" lies in/) },
        ]);
        expect(epochsIn()).toEqual([1, 2]);
      },
    );
  });

  it('tells once what is unmeasured, and the metric that was meant', async () => {
    const { tells, published } = keeping({ metric: 'los' });

    await tells(saved(1, 5), saved(2, 5));

    const why = '"los" of epoch 1 is undefined, which is never among the best; did you mean "loss"?';
    expect(published).toEqual([{ type: 'sla:unmeasured', rule: 'bestCheckpoint(los)', why }]);
  });

  it('does nothing for an epoch that was interrupted', async () => {
    const { tells, callback } = keeping();

    await tells({ ...saved(1, 5), interrupted: true }, { type: 'run:end' });

    expect(callback.best).toBeUndefined();
  });

  describe('in a run that goes on', () => {
    const run = { type: 'run:start', at: 1_000 } as const;
    const best = (name: string) => join(folder.path, 'best', name);

    it('brings the folder to what the journal says', async () => {
      const history = [run, saved(1, 9), saved(2, 5), saved(3, 4), saved(4, 8)];
      mkdirSync(join(folder.path, 'best'));
      writeFileSync(best('epoch-00001.bin'), 'weights of 1'); // not deleted yet
      writeFileSync(best('epoch-00002.bin'), 'weights of another life'); // replaced
      writeFileSync(best('.epoch-00003.bin.tmp'), 'weig'); // half-written
      writeFileSync(best('epoch-00007.bin'), 'weights of 7'); // superseded
      writeFileSync(best('epoch-00008.bin'), 'older than the run');
      utimesSync(best('epoch-00008.bin'), 0.5, 0.5);
      writeFileSync(best('notes.txt'), 'of the user');

      const { tells, callback, reported } = keeping({ keep: 2 }, { history });
      await tells({ type: 'run:end' });

      expect(namesIn()).toEqual(['epoch-00002.bin', 'epoch-00003.bin', 'epoch-00008.bin', 'notes.txt']);
      expect(readFileSync(best('epoch-00002.bin'), 'utf8')).toBe('weights of 2');
      expect([callback.best?.epoch, reported]).toEqual([3, []]);
    });

    it('copies nothing again that is there', async () => {
      const history = [run, saved(1, 5)];
      await keeping().tells(...history.slice(1));
      unlinkSync(pathOf(1)); // the source may be gone by then

      const { settled, callback, reported } = keeping({}, { history });
      await settled();

      expect([callback.best?.epoch, epochsIn(), reported]).toEqual([1, [1], []]);
    });

    it('leaves all as it is where the journal knows of no best', async () => {
      mkdirSync(join(folder.path, 'best'));
      writeFileSync(best('epoch-00007.bin'), 'superseded');

      const { settled, tells } = keeping({}, { history: [run] });
      await settled();
      expect(epochsIn()).toEqual([7]);

      await tells(saved(1, 5));
      expect(epochsIn()).toEqual([1]);
    });

    it('pins again what has not been judged', async () => {
      const history = [run, saved(1, 0), requested(1)];
      const { pins, tells } = keeping(onResults, { history });
      expect(pins.isPinned(pathOf(1))).toBe(true);

      await tells({ ...completed(1, undefined), status: 'cancelled' }, { ...requested(1), evaluationId: 'again' });
      await tells({ type: 'epoch:start', epoch: 2 }, { ...completed(1, { winRate: 1 }), evaluationId: 'again' });

      expect(epochsIn()).toEqual([1]);
    });

    it('holds the same files, wherever the run was cut', async () => {
      const value = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(NaN));
      const epoch = fc.record({ value, isSaved: fc.boolean(), isLate: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(
          fc.array(epoch, { minLength: 1, maxLength: 6 }),
          fc.nat(12),
          fc.constantFrom(1, 2),
          fc.boolean(),
          async (epochs, cut, keep, isOn) => {
            const options = { keep, ...(isOn ? onResults : {}) };
            const events = epochs.flatMap(({ value, isSaved, isLate }, index): RunEventSketch[] => {
              const number = index + 1;
              const end = isSaved && !isLate ? saved(number, value) : ended(number, { loss: value });
              const results = isOn ? [requested(number), completed(number, { winRate: value })] : [];
              return [end, ...results, ...(isSaved && isLate ? [late(number)] : [])];
            });
            const kept = async (at: number) => {
              rmSync(join(folder.path, 'best'), { recursive: true, force: true });
              const first = keeping(options);
              await first.tells(...events.slice(0, at));
              first.unregister();
              const second = keeping(options, { history: [run, ...events.slice(0, at)] });
              await second.tells(...events.slice(at), { type: 'run:end' });
              second.unregister();
              mkdirSync(join(folder.path, 'best'), { recursive: true });
              return [second.callback.best, epochsIn()];
            };

            expect(await kept(Math.min(cut, events.length))).toEqual(await kept(0));
          },
        ),
        { numRuns: 25 },
      );
    });
  });

  it('is named after what it watches', () => {
    expect(bestCheckpoint({ path: 'a', metric: 'loss' }).name).toBe('bestCheckpoint(loss)');
    expect(bestCheckpoint({ path: 'a', ...onResults }).name).toBe('bestCheckpoint(vs-random.winRate)');
    expect(bestCheckpoint({ path: 'a', ...onResults, name: 'champion' }).name).toBe('champion');
  });

  it.each([
    [{ metric: 'loss' }, '"path" must be the path of a folder, but undefined came'],
    [{ path: 'a' }, '"metric" must be the name of a metric, but undefined came'],
    [{ path: 'a', metric: 'loss', keep: 0 }, '"keep" must be a whole number of files, from 1 on, but 0 came'],
    [
      { path: 'a', metric: 'loss', mod: 'max' },
      'The options of bestCheckpoint have an unknown key "mod": did you mean "mode"?',
    ],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => bestCheckpoint(options as never)).toThrow(sentence);
  });
});
