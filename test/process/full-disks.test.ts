import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Outcome, RunEvent, RunEventType } from '../../src/index.ts';
import { inOwnMounts } from './hosts/namespaces.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { runHost, type Host } from './hosts/run-host.ts';
import type { TrainingPlan } from './hosts/training.ts';
import { missing, missingMounts } from './needs.ts';
import { told } from './execute.ts';

let ended: Host | undefined;
afterEach(() => {
  ended?.child.kill('SIGKILL');
  ObedientHost.killAll();
});

interface Told {
  readonly outcome: Outcome;
  readonly told: number;
  readonly journalled: readonly number[];
}

/** A training with mounts of its own, made by `script` in its folder. */
function training(script: (folder: string) => string, plan: Omit<TrainingPlan, 'journal'>) {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  mkdirSync(join(folder, 'journal'));
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'told'), '');
  const host = runHost('training', [JSON.stringify({ ...plan, journal: join(folder, 'journal') })], {
    through: inOwnMounts(script(folder)),
    env: { PITWALL_TEST_TOLD: join(folder, 'told'), TSX_DISABLE_CACHE: '1' },
  });
  ended = host;
  const events: RunEvent[] = [];
  return {
    host,
    folder,
    /** As this process sees what is mounted there only. */
    inside: (path: string) => join(`/proc/${host.child.pid ?? 0}/root`, path),
    event: async (type: RunEventType): Promise<RunEvent> => (await host.next('event', type)) as unknown as RunEvent,
    outcome: async (): Promise<Told> => (await host.next('outcome')) as unknown as Told,
    events,
    close: async () => {
      host.child.stdin?.end();
      expect(await host.exited).toEqual([0, null]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function eventsOf(host: Host, type: RunEventType, count: number): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  while (events.length < count) events.push(await host.next('event', type));
  return events;
}

const tmpfs = (size: string, at: string): string => `mount -t tmpfs -o size=${size} tmpfs ${at}`;

describe.skipIf(missing('unshare', 'mount') || missingMounts())('shared memory that cannot be used', () => {
  it.each([
    ['is 1 MB small', tmpfs('1m', '/dev/shm'), 'MB left'],
    ['is full', `${tmpfs('64m', '/dev/shm')}; head -c 67108864 /dev/zero >/dev/shm/filler || true`, 'MB left'],
    ['has no inode left', tmpfs('64m,nr_inodes=4', '/dev/shm'), 'no more files'],
    ['is read-only', `${tmpfs('64m', '/dev/shm')}; mount -o remount,ro /dev/shm`, 'cannot be written to'],
    [
      'is not there',
      `${tmpfs('1m', '/dev')}; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9`,
      'not there',
    ],
  ])(
    'because it %s: evaluations run through the temporary folder, and the run says so once',
    async (_, script, why) => {
      const run = training(() => script, {
        epochs: 2,
        inputs: [{ does: 'return much', megabytes: 40 }],
        megabytes: 20,
      });

      const { outcome } = await run.outcome();

      expect(outcome).toMatchObject({ status: 'completed', evaluations: { requested: 2, completed: 2 } });
      const fallbacks = await customs(run.host);
      expect(fallbacks).toMatchObject([{ name: 'fallback', value: { why: expect.stringContaining(why) as unknown } }]);
      expect(await eventsOf(run.host, 'evaluation:end', 2)).toMatchObject([
        { status: 'completed', result: { weights: 40 * 2 ** 20 } },
        { status: 'completed', result: { weights: 40 * 2 ** 20 } },
      ]);
      await run.close();
    },
  );

  it('for a result, only: that spills into the temporary folder', async () => {
    // Room for the input and what is kept free beside it, and not for 40 MB.
    const obedient = await ObedientHost.start({ through: inOwnMounts(tmpfs('16m', '/dev/shm')) });
    obedient.run('large', { input: { does: 'return much', megabytes: 40 } });
    const { result, told: telemetry } = await obedient.ended('large');

    expect(result).toEqual({ weights: 40 * 2 ** 20 });
    expect(told(telemetry, 'fallback')).toEqual([]);
    await vi.waitFor(() => {
      const folders = obedient.folders().filter((folder) => folder.startsWith(tmpdir()));
      expect(folders).toHaveLength(1);
      expect(folders.flatMap((folder) => readdirSync(folder))).toEqual([]);
    }, 20_000);
    await obedient.ends();
  });
});

/** All custom events: none comes after the run's end. */
async function customs(host: Host): Promise<Record<string, unknown>[]> {
  await host.next('event', 'run:end');
  const found: Record<string, unknown>[] = [];
  for (let next = host.taken('event', 'custom'); next !== undefined; next = host.taken('event', 'custom'))
    found.push(next);
  return found;
}

describe.skipIf(missing('unshare', 'mount') || missingMounts())(
  'shared memory and the temporary folder both full',
  () => {
    const both = (folder: string): string =>
      `${tmpfs('1m', '/dev/shm')}; ${tmpfs('1m', join(folder, 'tmp'))}; export TMPDIR=${join(folder, 'tmp')}`;

    it('for the input: failed with INPUT_NOT_WRITTEN and one clear sentence, and the training goes on', async () => {
      const run = training(both, { epochs: 2, inputs: [{}], megabytes: 20 });

      const { outcome } = await run.outcome();

      expect(outcome).toMatchObject({ status: 'completed', epochs: 2, evaluations: { requested: 2, failed: 2 } });
      const [first] = await eventsOf(run.host, 'evaluation:end', 2);
      expect(first).toMatchObject({ status: 'failed', error: { code: 'INPUT_NOT_WRITTEN', kind: 'rejected' } });
      const { message } = first?.error as { message: string };
      expect(message).toMatch(
        /^The input of "score" could not be handed over: .* MB left, .* MB left, .* Make room in .*, or pass less\.$/,
      );
      await run.close();
    });

    it('for the result: failed with RESULT_NOT_WRITTEN and one clear sentence, and the training goes on', async () => {
      const run = training(both, { epochs: 2, inputs: [{ does: 'return much', megabytes: 4 }, {}] });

      const { outcome } = await run.outcome();

      expect(outcome).toMatchObject({ status: 'completed', evaluations: { requested: 2, failed: 1, completed: 1 } });
      const [first] = await eventsOf(run.host, 'evaluation:end', 2);
      expect(first).toMatchObject({ status: 'failed', error: { code: 'RESULT_NOT_WRITTEN', kind: 'rejected' } });
      expect((first?.error as { message: string }).message).toMatch(
        /^The result could not be handed over: .*ENOSPC.*, or return less\.$/,
      );
      await run.close();
    });

    it('to the last byte: no folder can be made, and still one clear sentence is told of each', async () => {
      const run = training(
        (folder) =>
          `${both(folder)}; for each in /dev/shm ${join(folder, 'tmp')}; do head -c 2m /dev/zero >"$each/filler" || true; done`,
        { epochs: 2, inputs: [{}] },
      );

      const { outcome } = await run.outcome();

      expect(outcome).toMatchObject({ status: 'completed', evaluations: { requested: 2, failed: 2 } });
      const [first] = await eventsOf(run.host, 'evaluation:end', 2);
      expect(first).toMatchObject({ status: 'failed', error: { code: 'INPUT_NOT_WRITTEN', kind: 'rejected' } });
      const { message } = first?.error as { message: string };
      expect(message).toMatch(
        /^The input of "score" could not be handed over: .* MB left, .* MB left, .* wanted\. Make room /,
      );
      await run.close();
    });
  },
);

describe.skipIf(missing('unshare', 'mount') || missingMounts())('the disk full under the journal', () => {
  const plan = (folder: string) => ({
    epochs: 3,
    inputs: ['one', 'two'].map((name) => ({ does: 'wait for a file', path: join(folder, name) })),
  });

  it.each([
    ['for a while costs no event', true],
    ['to the end costs its last events, and no training', false],
  ])('%s', async (_, isFreed) => {
    const script = (folder: string): string => tmpfs('128k', join(folder, 'journal'));
    const names = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    const run = training(script, plan(names));
    await run.event('evaluation:start');
    const filler = run.inside(join(run.folder, 'journal', 'filler'));
    fill(filler);

    writeFileSync(join(names, 'one'), '');
    await eventsOf(run.host, 'evaluation:end', 1);
    const failure = await run.host.next('event', 'callback:error');
    expect(failure).toMatchObject({ callback: 'journal' });
    expect(JSON.stringify(failure)).toContain('ENOSPC');
    if (isFreed) rmSync(filler);
    writeFileSync(join(names, 'two'), '');

    const { outcome, told: count, journalled } = await run.outcome();
    expect(outcome).toMatchObject({ status: 'completed', epochs: 3, evaluations: { requested: 3, completed: 3 } });
    const whole = Array.from({ length: count }, (_each, index) => index + 1);
    if (isFreed) expect(journalled).toEqual(whole);
    else expect(journalled).toEqual(whole.slice(0, journalled.length));
    await run.close();
    rmSync(names, { recursive: true, force: true });
  });
});

function fill(path: string): void {
  for (let size = 4096; size > 0; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // so much does not fit any more
    }
  }
}
