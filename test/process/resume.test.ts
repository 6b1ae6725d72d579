import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalledEvent } from '../../src/events/index.ts';
import { createRng } from '../../src/games/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { toConserve } from '../../src/testing/to-conserve.ts';
import { Trainer, type Outcome } from '../../src/trainer/index.ts';
import { runHost, type Host } from './hosts/run-host.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pitwall-test-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

/** The evaluation that decides the early stop: the fourth that is no better than that of epoch 30. */
const deciding = 42;

/** What is the same, however often the run was killed: all that was told of the epochs up to the one that decides. */
function essenceOf(events: readonly JournalledEvent[]): unknown {
  const upTo = ({ epoch }: { readonly epoch: number }): boolean => epoch <= deciding;
  const ends = events.filter((event) => event.type === 'evaluation:end').filter(upTo);
  const of = (name: string) =>
    ends
      .filter((end) => end.name === name && end.error?.code !== 'HOST_LOST')
      .map(({ epoch, step, status, result }) => [epoch, step, status, result]);
  return {
    metrics: events
      .filter((event) => event.type === 'epoch:end')
      .filter(upTo)
      .map(({ epoch, metrics, checkpoint }) => [epoch, metrics, checkpoint?.hash]),
    vs: of('vs'),
    flaky: of('flaky'),
    skipped: events
      .filter((event) => event.type === 'evaluation:skipped')
      .filter(upTo)
      .map(({ name, epoch, reason }) => [name, epoch, reason]),
    breaker: events
      .filter((event) => event.type === 'breaker:transition')
      .map(({ name, from, to }) => [name, from, to]),
  };
}

/** What lies in the folder of the best checkpoint. */
async function bestIn(of: string): Promise<(readonly [string, string])[]> {
  const names = await readdir(join(of, 'best'));
  return Promise.all(names.map(async (name) => [name, await readFile(join(of, 'best', name), 'utf8')] as const));
}

async function outcomeOf(host: Host): Promise<Outcome> {
  const { outcome } = (await host.next('outcome')) as { readonly outcome: Outcome };
  expect(await host.exited).toEqual([0, null]);
  return outcome;
}

/** Lets a host live until it has told so many events; it may end before. */
async function killedAfter(host: Host, events: number): Promise<void> {
  try {
    for (let told = 0; told < events; told++) await host.next('event');
  } catch {
    return;
  }
  host.child.kill('SIGKILL');
  await host.exited;
}

describe('a run that is killed with SIGKILL', () => {
  it('ends as one that was not, after 30 kills at random moments', { timeout: 400_000 }, async () => {
    const [whole, killed] = [join(root, 'whole'), join(root, 'killed')];
    for (const folder of [whole, killed]) await mkdir(folder);
    const expected = await outcomeOf(runHost('resumable', [whole]));
    const rng = createRng(20_261_127);

    for (let kill = 1; kill <= 30; kill++)
      await killedAfter(runHost('resumable', [killed]), 1 + Math.floor(rng() * 14));
    const outcome = await outcomeOf(runHost('resumable', [killed]));

    expect(outcome).toMatchObject({ status: 'stopped', reason: expected.reason });
    expect(outcome.reason).toBe('"winRate" of "vs" has not been better than 0.3, of epoch 30, for 4 evaluations');
    const folderOf = (of: string): string => join(of, '.pitwall', 'run');
    const standing = await readJournal(folderOf(killed));
    expect(essenceOf(standing)).toEqual(essenceOf(await readJournal(folderOf(whole))));
    expect(await bestIn(killed)).toEqual(await bestIn(whole));
    expect(await bestIn(killed)).toEqual([['epoch-00030.bin', 'the weights of epoch 30']]);
    const all = await readJournal(folderOf(killed), { all: true });
    for (const events of [standing, all])
      expect(toConserve(events).message()).toMatch(/^Some evaluation was to be lost or counted twice/);
    expect(all.filter(({ type }) => type === 'run:resume').length).toBeGreaterThan(5);
    expect((await readdir(folderOf(killed))).filter((name) => name.startsWith('lock'))).toEqual([]);
  });

  it('is held by its process until that is dead, whoever has its pid then', async () => {
    const host = runHost('resumable', [root]);
    await host.next('event', 'epoch:end');
    const options = { name: 'training', epochs: 100, journal: join(root, '.pitwall') };
    await expect(Trainer.resume('run', options)).rejects.toMatchObject({
      code: 'JOURNAL_LOCKED',
      message: expect.stringContaining(`The run is held by process ${host.child.pid} (`) as string,
    });
    host.child.kill('SIGKILL');
    await host.exited;
    const lock = join(root, '.pitwall', 'run', 'lock');
    const left = await readFile(lock, 'utf8');
    await writeFile(lock, left.replace(`"pid":${host.child.pid}`, `"pid":${process.pid}`));

    const trainer = await Trainer.resume('run', { ...options, allowChanged: true });
    expect(trainer.state.epoch).toBeGreaterThan(0);
    await expect(Trainer.resume('run', options)).rejects.toThrow(`held by process ${process.pid}, which is this one`);
    trainer.stop('it was only looked at');
    await trainer.fit(() => ({}));
  });
});
