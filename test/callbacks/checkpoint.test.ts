import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpoint, CheckpointPins, type CheckpointOptions } from '../../src/callbacks/index.ts';
import type { EventBody } from '../../src/events/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { connected, ended } from './connected.ts';
import { sha256, temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const pathOf = (epoch: number) => join(folder.path, 'weights', `epoch-0000${epoch}.bin`);
const namesIn = (name = 'weights') => readdirSync(join(folder.path, name)).sort();
const epochsIn = () => namesIn().map((name) => Number(/^epoch-(\d+)\.bin$/.exec(name)?.[1] ?? NaN));

type Connection = Parameters<typeof connected>[1];

/** Saves a text of the epoch's number, unless the options say otherwise. */
function saving(options: Partial<CheckpointOptions> = {}, connection: Connection = {}) {
  const callback = checkpoint({
    path: join(folder.path, 'weights'),
    save: ({ epoch }) => `weights of ${epoch}`,
    ...options,
  });
  const run = connected(callback, { echoes: true, step: 30, ...connection });
  /** Ends the epochs, each when the file of the one before is there. */
  const ends = async (...epochs: readonly (number | ReturnType<typeof ended>)[]): Promise<void> => {
    for (const epoch of epochs) {
      run.tell(typeof epoch === 'number' ? ended(epoch) : epoch);
      await run.settled();
    }
  };
  const over = async (): Promise<void> => {
    run.tell({ type: 'run:end' });
    await run.settled();
  };
  const told = () => run.published.flatMap((body) => (body.type === 'checkpoint' ? [body.epoch] : []));
  return { ...run, ends, over, told };
}

/** What is told of an epoch's file. */
function toldOf(epoch: number): EventBody {
  return { type: 'checkpoint', epoch, step: 30, path: pathOf(epoch), hash: sha256(`weights of ${epoch}`) };
}

const matching = (sentence: RegExp): unknown => expect.stringMatching(sentence);
const save = () => 'weights';
const losses = (...values: readonly unknown[]) => values.map((loss, index) => ended(index + 1, { loss }));

describe('checkpoint', () => {
  it('saves each epoch, and tells a file with its epoch, step, path and hash', async () => {
    const { ends, published } = saving();

    await ends(1, 2);

    expect(published).toEqual([toldOf(1), toldOf(2)]);
    expect(namesIn()).toEqual(['epoch-00001.bin', 'epoch-00002.bin']);
    expect(readFileSync(pathOf(2), 'utf8')).toBe('weights of 2');
  });

  it('hands epoch, step and metrics to save', async () => {
    const requests: unknown[] = [];
    const { ends } = saving({ save: (request) => String(requests.push(request)) });

    await ends(ended(1, { loss: 2 }));

    expect(requests).toEqual([{ epoch: 1, step: 30, metrics: { loss: 2 } }]);
  });

  // llm-foundry PR 813: evaluated before the checkpoint was complete.
  it('tells a file only when it is whole and under its name', async () => {
    const large = new Uint8Array(3_000_001).fill(7);
    const { tell, published, settled, told } = saving({ save: () => large });
    const seen: unknown[] = [];
    const looks = setInterval(() => seen.push(existsSync(pathOf(1)) && statSync(pathOf(1)).size), 0);

    tell(ended(1));
    expect([told(), existsSync(pathOf(1))]).toEqual([[], false]);
    await settled();
    clearInterval(looks);

    expect(published).toEqual([{ ...toldOf(1), hash: sha256(large) }]);
    expect(seen.filter((size) => size !== false && size !== large.length)).toEqual([]);
    expect(namesIn()).toEqual(['epoch-00001.bin']);
  });

  it.each<[string, number, readonly number[], readonly number[]]>([
    ['each second', 2, [1, 2, 3, 4], [2, 4]],
    ['what was jumped over, once', 2, [1, 5, 6, 7], [5, 6]],
    ['none that is told twice', 2, [2, 2, 3], [2]],
  ])('saves %s of the epochs', async (_, every, epochs, saved) => {
    const { ends, told } = saving({ every });

    await ends(...epochs);

    expect(told()).toEqual(saved);
  });

  it('registered late counts from the epoch that it hears first', async () => {
    const callback = checkpoint({ path: join(folder.path, 'weights'), every: 5, save: () => 'weights' });
    const { tell, settled, published } = connected(callback, { echoes: true, epoch: 9 });

    tell(ended(9), ended(10), ended(11));
    await settled();

    expect(published).toMatchObject([{ type: 'checkpoint', epoch: 10 }]);
  });

  it.each<[string, Partial<CheckpointOptions>, readonly number[]]>([
    ['the best so far', { metric: 'loss' }, [1, 2, 4]],
    ['the larger as the better', { metric: 'loss', mode: 'max' }, [1, 5]],
    ['what is better by more than the least delta', { metric: 'loss', minDelta: 2 }, [1, 4]],
    ['the best and every third', { metric: 'loss', every: 3 }, [1, 2, 3, 4]],
    ['none by a metric that is not there', { metric: 'los' }, []],
  ])('saves %s', async (_, options, saved) => {
    const { ends, told } = saving(options);

    await ends(...losses(9, 7, 7, 5, 10));

    expect(told()).toEqual(saved);
  });

  it('keeps the last files of its own, and leaves all others alone', async () => {
    mkdirSync(join(folder.path, 'weights'));
    for (const name of ['epoch-00001.json', 'notes.txt', 'epoch-00099.bin'])
      writeFileSync(join(folder.path, 'weights', name), 'of somebody else');
    const { ends, over } = saving({ keep: 2 });

    await ends(1, 2, 3, 4);
    await over();

    expect(namesIn()).toEqual([
      'epoch-00001.json',
      'epoch-00003.bin',
      'epoch-00004.bin',
      'epoch-00099.bin',
      'notes.txt',
    ]);
  });

  it.each<[string, Partial<CheckpointOptions>, readonly number[]]>([
    ['the last two and the best', { keep: 2, every: 1, metric: 'loss' }, [2, 5, 6]],
    ['the last, which is the best', { keep: 1, metric: 'loss' }, [2]],
    ['the last, which is not the best, and that', { keep: 1, metric: 'loss', every: 1 }, [2, 6]],
    ['all', {}, [1, 2, 3, 4, 5, 6]],
  ])('keeps %s', async (_, options, kept) => {
    const { ends, over } = saving(options);

    await ends(...losses(9, 5, 8, 7, 8, 6));
    await over();

    expect(epochsIn()).toEqual(kept);
  });

  // capi#9: a checkpoint was deleted while its evaluation was queued.
  it('keeps what somebody needs until that lets go, also over the end of the run', async () => {
    const pins = new CheckpointPins();
    const { ends, over } = saving({ keep: 1 }, { pins });
    await ends(1);
    const unpin = pins.pin(pathOf(1));
    await ends(2, 3);

    await over();
    expect(epochsIn()).toEqual([1, 3]);

    unpin();
    await over();
    expect(epochsIn()).toEqual([3]);
  });

  describe('while a file is being written', () => {
    /** Lets the epochs end without a turn between them. */
    async function atOnce(ends: readonly ReturnType<typeof ended>[], options: Partial<CheckpointOptions>) {
      const { tell, settled, told, published } = saving(options);
      tell(...ends);
      await settled();
      return { told: told(), dropped: published.filter(({ type }) => type === 'dropped') };
    }

    it('has one more wait, of which a newer takes the place', async () => {
      const { told, dropped } = await atOnce(losses(1, 1, 1, 1), {});

      expect(told).toEqual([1, 4]);
      expect(dropped).toEqual([
        { type: 'dropped', what: 'files of "checkpoint"', count: 1 },
        { type: 'dropped', what: 'files of "checkpoint"', count: 1 },
      ]);
    });

    it('lets the best wait, and drops what is newer and not as good', async () => {
      const { told, dropped } = await atOnce(losses(9, 5, 8, 7), { metric: 'loss', every: 1 });

      expect([told, dropped.length]).toEqual([[1, 2], 2]);
    });

    it('lets a better one take the place of the best', async () => {
      const { told } = await atOnce(losses(9, 5, 8, 4), { metric: 'loss', every: 1 });

      expect(told).toEqual([1, 4]);
    });

    it('holds the weights as they were when the epoch ended', async () => {
      const weights = new Float32Array([1, 2]);
      const { tell, settled } = saving({ save: () => weights });

      tell(ended(1));
      weights.fill(9);
      tell(ended(2));
      weights.fill(0);
      await settled();

      expect(new Float32Array(new Uint8Array(readFileSync(pathOf(1))).buffer)).toEqual(new Float32Array([1, 2]));
      expect(new Float32Array(new Uint8Array(readFileSync(pathOf(2))).buffer)).toEqual(new Float32Array([9, 9]));
    });
  });

  it.each<[string, () => ReturnType<CheckpointOptions['save']>, string]>([
    ['a text', () => 'Gewichte: ü', 'Gewichte: ü'],
    ['part of an array', () => new TextEncoder().encode('weights').subarray(2, 5), 'igh'],
    ['an ArrayBuffer', () => new TextEncoder().encode('weights').buffer, 'weights'],
    ['shared memory', () => Object.assign(new Uint8Array(new SharedArrayBuffer(2)), [65, 66]), 'AB'],
    ['a DataView', () => new DataView(new TextEncoder().encode('weights').buffer, 4), 'hts'],
    ['nothing', () => '', ''],
    ['a promise', () => Promise.resolve(Buffer.from('later')), 'later'],
  ])('takes %s', async (_, save, content) => {
    const { ends } = saving({ save });

    await ends(1);

    expect(readFileSync(pathOf(1), 'utf8')).toBe(content);
  });

  // A stop or a NaN deletes the backup: keras#21771.
  it.each<[string, ReturnType<typeof ended> & { interrupted?: true }]>([
    ['that was interrupted', { ...ended(3, { loss: 1 }), interrupted: true }],
    ['with a NaN among its metrics', ended(3, { loss: NaN })],
    ['with an infinite metric', ended(3, { loss: 1, gradientNorm: Infinity })],
  ])('of an epoch %s saves nothing and deletes nothing', async (_, broken) => {
    const { ends, over, told, reported } = saving({ keep: 1 });

    await ends(...losses(2, 1), broken);
    await over();

    expect([told(), epochsIn(), reported]).toEqual([[1, 2], [2], []]);
  });

  it('makes up for an epoch that could not be saved with the next that can', async () => {
    const { ends, told } = saving({ every: 2 });

    await ends(...losses(1, NaN, 1, 1));

    expect(told()).toEqual([3, 4]);
  });

  describe('tells what fails, and lives', () => {
    it.each<[string, () => unknown, RegExp]>([
      [
        'a save that throws',
        () => {
          throw new Error('no weights');
        },
        /^The function "save" of "checkpoint" failed at epoch 1, of which there will be no file: no weights\.$/,
      ],
      ['one that rejects', () => Promise.reject(new Error('no weights')), /failed at epoch 1, .*: no weights\.$/],
      [
        'one that gives nothing',
        () => undefined,
        /it must give what the file is to hold, a text, an array of numbers or an ArrayBuffer, but undefined came\.$/,
      ],
      ['a promise of an object', () => Promise.resolve({ weights: [1] }), /but an object came\.$/],
    ])('%s', async (_, failing, sentence) => {
      let count = 0;
      const { ends, told, reported, heard } = saving({ save: () => (++count === 1 ? failing() : 'weights') as string });

      await ends(1, 2);

      expect(reported).toMatchObject([{ code: 'CHECKPOINT_NOT_SAVED', message: matching(sentence) }]);
      expect([told(), heard, namesIn()]).toEqual([[2], [], ['epoch-00002.bin']]);
    });

    it('a promise that does not settle in time', async () => {
      const clock = new VirtualClock();
      const never = new Promise<string>(() => undefined);
      const { tell, settled, reported, told } = saving(
        { save: ({ epoch }) => (epoch === 1 ? never : 'weights') },
        { clock },
      );

      tell(ended(1), ended(2));
      await clock.advance(5 * 60_000);
      await settled();

      expect(reported).toMatchObject([{ message: matching(/it has not settled within 5 minutes\.$/) }]);
      expect([told(), clock.pendingTimers]).toEqual([[2], 0]);
    });

    it('a full disk, of which nothing half-written is left', async () => {
      const { ends, reported, told, settled } = saving({
        save: ({ epoch }) => {
          mkdirSync(join(folder.path, 'weights'), { recursive: true });
          if (epoch === 1) symlinkSync('/dev/full', join(folder.path, 'weights', '.epoch-00001.bin.tmp'));
          return 'weights';
        },
      });

      await settled(); // leftovers are removed by now
      await ends(1);
      expect(reported).toMatchObject([
        {
          code: 'CHECKPOINT_NOT_WRITTEN',
          message: matching(
            /could not write the file of epoch 1, ".*epoch-00001.bin": ENOSPC.*The training goes on\.$/,
          ),
        },
      ]);
      expect([told(), namesIn()]).toEqual([[], []]);

      await ends(2);
      expect([told(), reported.length]).toEqual([[2], 1]);
    });

    it('a folder that is a file', async () => {
      writeFileSync(join(folder.path, 'weights'), 'a file');
      const { ends, reported, heard } = saving();

      await ends(1, 2);

      expect(reported).toMatchObject([{ code: 'CHECKPOINT_NOT_WRITTEN' }, { code: 'CHECKPOINT_NOT_WRITTEN' }]);
      expect(heard).toEqual([]);
    });

    it('a best file that could not be written, which then is none to beat', async () => {
      const { ends, told } = saving({
        metric: 'loss',
        save: ({ epoch }) => {
          if (epoch === 2) throw new Error('no weights');
          return 'weights';
        },
      });

      await ends(...losses(9, 1, 5));

      expect(told()).toEqual([1, 3]);
    });
  });

  it('is made where it has to be, however deep', async () => {
    const { ends, published } = saving({ path: join(folder.path, 'a', 'b'), extension: 'tar.gz' });

    await ends(12);

    expect(published).toMatchObject([{ path: join(folder.path, 'a', 'b', 'epoch-00012.tar.gz') }]);
  });

  it('writes and tells nothing any more once it is unregistered', async () => {
    const { tell, unregister, settled, published } = saving();
    tell(ended(1), ended(2));

    unregister();
    await settled();

    expect(published).toEqual([]);
    expect(existsSync(join(folder.path, 'weights')) ? namesIn() : []).toEqual([]);
  });

  it('deletes nothing any more once it is unregistered', async () => {
    const { ends, unregister, pins } = saving({ keep: 1 });
    await ends(1);
    const unpin = pins.pin(pathOf(1));
    await ends(2);

    unregister();
    unpin();
    for (let turn = 0; turn < 3; turn++) await setImmediate();

    expect(epochsIn()).toEqual([1, 2]);
  });

  describe('in a run that goes on', () => {
    const past = (...epochs: readonly number[]) =>
      epochs.flatMap((epoch) => [
        ended(epoch),
        { type: 'checkpoint', epoch, step: 30, path: pathOf(epoch), hash: '' } as const,
      ]);

    it('removes what was half-written or not yet deleted, and nothing else', async () => {
      mkdirSync(join(folder.path, 'weights'));
      for (const name of [
        'epoch-00001.bin',
        'epoch-00002.bin',
        'epoch-00003.bin',
        'epoch-00099.bin',
        '.epoch-00004.bin.tmp',
        '.epoch-00004.json.tmp',
        '.notes.tmp',
      ])
        writeFileSync(join(folder.path, 'weights', name), 'weights');

      const { over, published, reported } = saving({ keep: 1 }, { history: past(1, 2, 3) });
      await over();

      expect(namesIn()).toEqual(['.epoch-00004.json.tmp', '.notes.tmp', 'epoch-00003.bin', 'epoch-00099.bin']);
      expect([published, reported]).toEqual([[], []]);
    });

    it('leaves what is half-written to the next, once it is unregistered', async () => {
      mkdirSync(join(folder.path, 'weights'));
      writeFileSync(join(folder.path, 'weights', '.epoch-00004.bin.tmp'), 'by the next');

      const { unregister, settled } = saving({}, { history: past(1) });
      unregister();
      await settled();

      expect(namesIn()).toEqual(['.epoch-00004.bin.tmp']);
    });

    it('keeps a file that was told again, after it had to go', async () => {
      mkdirSync(join(folder.path, 'weights'));
      for (const epoch of [1, 2]) writeFileSync(pathOf(epoch), 'weights');

      const { over } = saving({ keep: 1 }, { history: past(1, 2, 1) });
      await over();

      expect(epochsIn()).toEqual([1]);
    });

    it('deletes by its keep what it wrote before', async () => {
      const first = saving({ keep: 2 });
      await first.ends(1, 2);
      first.unregister();

      const { ends, over } = saving({ keep: 2 }, { history: past(1, 2) });
      await ends(3);
      await over();

      expect(epochsIn()).toEqual([2, 3]);
    });

    it('keeps and saves the same, wherever the run was cut', async () => {
      const options = fc.record({
        metric: fc.constantFrom(undefined, 'loss'),
        every: fc.constantFrom(1, 2, 3),
        keep: fc.constantFrom(1, 2, 3),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(NaN)), { minLength: 1, maxLength: 7 }),
          fc.nat(7),
          options,
          async (values, cut, rules) => {
            const run = async (path: string, cutAt: number) => {
              const made = { path: join(folder.path, path), save: () => 'weights', ...rules };
              const ends = losses(...values);
              const first = connected(checkpoint(made), { echoes: true });
              const history: (EventBody | ReturnType<typeof ended>)[] = [];
              for (const end of ends.slice(0, cutAt)) {
                first.tell(end);
                await first.settled();
                history.push(end, ...first.published.splice(0));
              }
              first.unregister();
              const second = connected(checkpoint(made), { echoes: true, history });
              for (const end of ends.slice(cutAt)) {
                second.tell(end);
                await second.settled();
              }
              second.tell({ type: 'run:end' });
              await second.settled();
              second.unregister();
              return existsSync(made.path) ? namesIn(path) : [];
            };
            const id = JSON.stringify([values, cut, rules]).replace(/\W/g, '_');
            expect(await run(`${id}-cut`, cut)).toEqual(await run(`${id}-whole`, 0));
          },
        ),
        { numRuns: 25 },
      );
    });
  });

  it.each([
    [undefined, 'The options of checkpoint must be an object, but undefined came'],
    [{ path: '', save }, '"path" must be the path of a folder, but "" came'],
    [{ path: 'a' }, '"save" must be a function that gives what the file is to hold, but undefined came'],
    [{ path: 'a', save, every: 0 }, '"every" must be a whole number of epochs, from 1 on, but 0 came'],
    [{ path: 'a', save, keep: 0 }, '"keep" must be a whole number of files, from 1 on, but 0 came'],
    [
      { path: 'a', save, extension: '.bin' },
      `"extension" must be an extension without its dot, as 'bin', but ".bin" came`,
    ],
    [{ path: 'a', save, extension: 'a/b' }, '"extension" must be an extension without its dot'],
    [
      { path: 'a', save, mode: 'max' },
      'The options of checkpoint: "mode" and "minDelta" say which value of a metric is better, but no "metric" came.',
    ],
    [{ path: 'a', save, kepe: 1 }, 'The options of checkpoint have an unknown key "kepe": did you mean "keep"?'],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => checkpoint(options as never)).toThrow(sentence);
  });
});
