import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRun } from './test-run.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-checkpoint-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string) {
  const path = join(folder, name);
  writeFileSync(path, `weights of ${name}`);
  return { path, hash: createHash('sha256').update(`weights of ${name}`).digest('hex') };
}

describe('epoch.checkpoint', () => {
  it('after the last step becomes a field of epoch:end', async () => {
    const a = file('a');
    const { trainer, of } = testRun();
    await trainer.fit(async (epoch) => {
      await epoch.step(1);
      expect(await epoch.checkpoint(a.path)).toEqual(a);
    });
    expect(of('epoch:end')).toMatchObject([{ epoch: 1, checkpoint: a }]);
    expect(of('checkpoint')).toEqual([]);
  });

  it('in the middle of an epoch is an event before the next step', async () => {
    const a = file('a');
    const { trainer, of, types } = testRun();
    await trainer.fit(async (epoch) => {
      await epoch.step(1);
      await epoch.checkpoint(a.path);
      expect(of('checkpoint')).toEqual([]);
      await epoch.step(1);
    });
    expect(types().slice(2, 6)).toEqual(['step', 'checkpoint', 'step', 'epoch:end']);
    expect(of('checkpoint')).toMatchObject([{ epoch: 1, step: 1, ...a }]);
    expect(of('epoch:end')[0]).not.toHaveProperty('checkpoint');
  });

  it('keeps the last of two, and tells the other', async () => {
    const [a, b] = [file('a'), file('b')];
    const { trainer, of } = testRun();
    await trainer.fit(async (epoch) => {
      await epoch.checkpoint(a.path);
      await epoch.checkpoint(b.path);
    });
    expect(of('checkpoint')).toMatchObject([a]);
    expect(of('epoch:end')).toMatchObject([{ checkpoint: b }]);
  });

  it('keeps the one that was asked for last, whichever is read first', async () => {
    const [large, small] = [file('large'), file('small')];
    truncateSync(large.path, 32 * 2 ** 20);
    const { trainer, of } = testRun();
    const read: string[] = [];
    await trainer.fit((epoch) => {
      void epoch.checkpoint(small.path).then(({ path }) => read.push(path));
      void epoch.checkpoint(large.path).then(({ path }) => read.push(path));
      void epoch.checkpoint(small.path).then(({ path }) => read.push(path));
    });
    expect(read.at(-1)).toBe(large.path);
    expect(of('epoch:end')).toMatchObject([{ checkpoint: small }]);
    expect(of('checkpoint')).toMatchObject([{ path: small.path }, { path: large.path }]);
  });

  it('need not be awaited: the end of the epoch waits, a step does not', async () => {
    const [a, b] = [file('a'), file('b')];
    const { trainer, of, types } = testRun();
    await trainer.fit(async (epoch) => {
      void epoch.checkpoint(a.path);
      await epoch.step(1);
      void epoch.checkpoint(b.path);
    });
    expect(of('checkpoint')).toMatchObject([{ step: 0, ...a }]);
    expect(of('epoch:end')).toMatchObject([{ checkpoint: b }]);
    expect(types().indexOf('checkpoint')).toBeLessThan(types().indexOf('epoch:end'));
  });

  it('is possible after a stop, and belongs to the interrupted epoch', async () => {
    const a = file('a');
    const { trainer, of } = testRun();
    await trainer.fit(async (epoch) => {
      await epoch.step(1);
      trainer.stop('enough');
      await epoch.checkpoint(a.path);
      await epoch.step(1);
    });
    expect(of('epoch:end')).toMatchObject([{ interrupted: true, checkpoint: a }]);
  });

  it.each([
    ['a file that is missing', 'missing', 'CHECKPOINT_NOT_FOUND', /must get a file that is there, but there is none/],
    ['a folder', '.', 'CHECKPOINT_UNREADABLE', /could not read the file: EISDIR/],
  ])('says in one sentence what is wrong with %s', async (_, name, code, sentence) => {
    const { trainer, of } = testRun();
    await trainer.fit(async (epoch) => {
      const failed = epoch.checkpoint(join(folder, name));
      await expect(failed).rejects.toMatchObject({ code });
      await expect(failed).rejects.toThrow(sentence);
    });
    expect(of('epoch:end')[0]).not.toHaveProperty('checkpoint');
  });

  it('says in one sentence that it needs a path', async () => {
    const fitted = testRun().trainer.fit(async (epoch) => {
      await epoch.checkpoint(7 as never);
    });
    await expect(fitted).rejects.toThrow('epoch.checkpoint(path) must get the path of a file, but 7 came.');
  });
});
