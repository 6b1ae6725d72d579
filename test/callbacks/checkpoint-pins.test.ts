import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointPins } from '../../src/callbacks/index.ts';

describe('the pins of checkpoint files', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pins-'));
    path = join(folder, 'weights.bin');
    await writeFile(path, 'weights');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('deletes at once what nobody needs, and what is gone already', async () => {
    const pins = new CheckpointPins();

    expect(await pins.delete(path)).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(await pins.delete(path)).toBe(true);
  });

  it('keeps a file until the last who needs it lets go', async () => {
    const pins = new CheckpointPins();
    const releases = [pins.pin(path), pins.pin(join(folder, '.', 'weights.bin'))];
    const deleted = pins.delete(path);

    releases[0]?.();
    releases[0]?.(); // a second call is none
    await setImmediate();
    await setImmediate();

    expect(pins.isPinned(path)).toBe(true);
    expect(existsSync(path)).toBe(true);
    releases[1]?.();
    expect(await deleted).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('counts what is pinned at the same event, after the deletion was asked for', async () => {
    const pins = new CheckpointPins();
    const deleted = pins.delete(path);
    const release = pins.pin(path);

    await setImmediate();
    await setImmediate();

    expect(existsSync(path)).toBe(true);
    release();
    await deleted;
    expect(existsSync(path)).toBe(false);
  });

  it('leaves what is wanted again when it comes to it', async () => {
    const pins = new CheckpointPins();

    expect(await pins.delete(path, () => true)).toBe(false);
    expect(existsSync(path)).toBe(true);
  });
});
