import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalledEvent } from '../../src/events/index.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { runEvent, VirtualClock } from '../../src/testing/index.ts';
import { Trainer, type ResumeOptions } from '../../src/trainer/index.ts';

let root: string;
let journal: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-'));
  journal = join(root, '.pitwall');
});

afterEach(() => rm(root, { recursive: true }));

const config = { journal: '.pitwall', drain: 'wait', callbacks: {} };
const start = runEvent({ type: 'run:start', seq: 1, runId: 'run', name: 'training', epochs: 3, config });
const firstEpoch = [
  start,
  runEvent({ type: 'epoch:start', seq: 2, runId: 'run' }),
  runEvent({ type: 'epoch:end', seq: 3, runId: 'run' }),
];

/** Writes a journal and gives its file. */
async function written(events: readonly JournalledEvent[] | string, runId = 'run'): Promise<string> {
  await mkdir(join(journal, runId), { recursive: true });
  const file = join(journal, runId, 'events.jsonl');
  await writeFile(file, typeof events === 'string' ? events : events.map((event) => encodeLine(event)).join(''));
  return file;
}

function resume(runId = 'run', options: Partial<ResumeOptions> = {}): Promise<Trainer> {
  return Trainer.resume(runId, { name: 'training', epochs: 3, journal, ...options });
}

/** What it is refused with; the journal is as it was, and nobody holds the run. */
async function refusal(file: string, resumed: () => Promise<unknown>): Promise<{ code: string; message: string }> {
  const before = await readFile(file);
  const error = await resumed().then(
    () => Promise.reject(new Error('it was not refused')),
    (reason: unknown) => reason as { code: string; message: string },
  );
  expect(await readFile(file)).toEqual(before);
  expect(await readdir(join(file, '..'))).toEqual(['events.jsonl']);
  return error;
}

describe('a run is not resumed', () => {
  it('when it has ended', async () => {
    const file = await written([
      ...firstEpoch,
      runEvent({ type: 'training:end', seq: 4, runId: 'run' }),
      runEvent({ type: 'run:end', seq: 5, runId: 'run', status: 'stopped' }),
    ]);

    expect(await refusal(file, () => resume())).toMatchObject({
      code: 'JOURNAL_FINISHED',
      message: 'The run "run" has ended (stopped), so there is nothing to go on with: make a new Trainer.',
    });
  });

  it('by another name', async () => {
    const file = await written(firstEpoch);

    expect(await refusal(file, () => resume('run', { name: 'other' }))).toMatchObject({
      code: 'JOURNAL_FOREIGN',
      message: 'The run "run" is one of "training", not of "other": resume it by its own name.',
    });
  });

  it('when its folder was renamed', async () => {
    const file = await written(firstEpoch, 'renamed');

    expect(await refusal(file, () => resume('renamed'))).toMatchObject({
      code: 'JOURNAL_FOREIGN',
      message: `${file} is the journal of the run "run", not of "renamed": resume that one.`,
    });
  });

  it.each(['# My notes\n', '{"hello":"world"}\n{"hello":"again"}\n', 'no newline'])('from %j', async (text) => {
    const file = await written(text);

    expect(await refusal(file, () => resume())).toMatchObject({
      code: 'JOURNAL_FOREIGN',
      message: `${file} is no journal of Pitwall, as it does not begin like one: it was left as it is.`,
    });
  });

  it('from a journal of a later format, also when its last line looks torn', async () => {
    const lines = firstEpoch.map((event) => encodeLine(event));
    const later = lines[0]?.replace(/,"format":1,"crc":\d+\}\n$/, ',"format":2') ?? '';
    const file = await written(`${later},"crc":${crc32(`${later}}`)}}\n${lines[1]}a line of a later kind`);

    expect(await refusal(file, () => resume())).toMatchObject({
      code: 'JOURNAL_VERSION',
      message: `${file} is written in format 2, and this Pitwall reads up to 1: use the version of Pitwall that wrote it, or a newer one.`,
    });
  });

  it('over a hole in the middle, or a broken line', async () => {
    const [first, second, third] = firstEpoch.map((event) => encodeLine(event));
    const file = await written(`${first}${third}`);
    expect(await refusal(file, () => resume())).toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining('the event 2 was to follow, but its "seq" is 3') as string,
    });

    await written(`${first}${second?.replace('epoch', 'epuch')}${third}`);
    expect(await refusal(file, () => resume())).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2 });
  });

  it('where there is none, and says which there are', async () => {
    await written(firstEpoch);

    await expect(resume('rum')).rejects.toThrow(/There is no run folder/);
    await expect(resume('latest', { name: 'other' })).rejects.toThrow(
      `There is no run of "other" in ${journal}: it holds runs of "training".`,
    );
    await expect(resume('latest', { journal: join(root, 'nowhere') })).rejects.toThrow('it holds no runs');
  });

  it.each([
    [7, "Trainer.resume(runId) must get the id of a run, or 'latest', but 7 came."],
    ['../run', `Trainer.resume(runId) must get the id of a run, or 'latest', but "../run" came.`],
  ])('by the id %j', async (runId, sentence) => {
    await expect(resume(runId as string)).rejects.toThrow(sentence);
  });

  it('with options that are wrong', async () => {
    await expect(resume('run', { alowChanged: true } as never)).rejects.toThrow('did you mean "allowChanged"?');
    await expect(resume('run', { journal: false })).rejects.toThrow('the folder of the journals');
  });

  it('with another configuration, unless that is allowed', async () => {
    const file = await written(firstEpoch);
    const before = await readFile(file);
    const changed = await resume('run', { epochs: 5, drain: 'cancel' });

    await expect(changed.fit(() => undefined)).rejects.toThrow(
      'The run is to go on with another configuration than it was begun with: drain: "wait" -> "cancel", epochs: 3 -> 5. Set it as it was, or resume with { allowChanged: true }.',
    );
    expect(await readFile(file)).toEqual(before);

    const allowed = await resume('run', { epochs: 1, drain: 'cancel', allowChanged: true });
    expect(await allowed.fit(() => undefined)).toMatchObject({ status: 'completed', epochs: 1 });
  });

  it('with other callbacks; those that tell nothing of themselves may come and go', async () => {
    const callbacks = { vs: { every: 5, sla: { memoryMb: 100 } }, printer: {} };
    await written([{ ...start, config: { ...config, callbacks } }, ...firstEpoch.slice(1)]);
    const trainer = await resume();
    trainer.register({ name: 'vs', config: { every: 5, sla: { memoryMb: 200 } }, connect: () => undefined });
    trainer.register({ name: 'bar', connect: () => undefined });

    await expect(trainer.fit(() => undefined)).rejects.toThrow(
      'was begun with: callbacks.vs.sla.memoryMb: 100 -> 200. Set it',
    );
  });
});

describe('a run belongs to one process', () => {
  it('is refused to a second one, with the pid of the first', async () => {
    const file = await written(firstEpoch);
    const first = await resume();

    const error = await resume().catch((reason: unknown) => reason as Error & { code: string });
    expect(error).toMatchObject({
      code: 'JOURNAL_LOCKED',
      message: `The run is held by process ${process.pid}, which is this one (${join(file, '..', 'lock')}): wait for its end, or end it.`,
    });
    await first.fit(() => undefined);
    expect(await readdir(join(journal, 'run'))).toEqual(['events.jsonl']);
  });

  it('holds a new run too, as long as it goes on', async () => {
    const trainer = new Trainer({ name: 'training', epochs: 1, journal, runId: 'new' });
    await trainer.fit(async () => {
      while (!(await readdir(join(journal, 'new')).catch(() => [] as string[])).includes('events.jsonl'))
        await new Promise((resolve) => setImmediate(resolve));
      await expect(resume('new', { epochs: 1 })).rejects.toThrow(`The run is held by process ${process.pid}`);
    });

    expect(await readdir(join(journal, 'new'))).toEqual(['events.jsonl']);
  });

  it.each([
    ['one of many', false],
    ['one of many, when another one has died while it took it over', true],
  ])('is taken over by %s', async (_, isClaimed) => {
    await written(firstEpoch);
    const lock = {
      pid: 999_999_999,
      process: '1-999999999-1',
      host: hostname(),
      boot: 'before',
    };
    await writeFile(join(journal, 'run', 'lock'), JSON.stringify({ ...lock, socket: false, nonce: 'dead' }));
    if (isClaimed)
      await writeFile(join(journal, 'run', 'lock.dead'), JSON.stringify({ ...lock, socket: false, nonce: 'claimant' }));

    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => resume()));

    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of taken)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'JOURNAL_LOCKED' });
    for (const result of taken) if (result.status === 'fulfilled') await result.value.fit(() => undefined);
    expect(await readdir(join(journal, 'run'))).toEqual(['events.jsonl']);
  });

  it('is given up with a journal that cannot be opened, and taken anew at the next attempt', async () => {
    const file = await written(firstEpoch);
    const before = await readFile(file);
    const clock = new VirtualClock();
    const trainer = await resume('run', { clock });
    const told = firstValueFrom(trainer.events$.pipe(filter((event) => event.type === 'callback:error')));
    await rename(file, `${file}.away`);
    await symlink(join(root, 'nowhere', 'events.jsonl'), file);
    const session = trainer.open();
    expect(await told).toMatchObject({ callback: 'journal' });
    await unlink(file);
    await rename(`${file}.away`, file);

    const other = await resume();
    await clock.advance(1_000);
    await session.end();

    expect(await readFile(file)).toEqual(before);
    await other.fit(() => undefined);
    expect(await readdir(join(journal, 'run'))).toEqual(['events.jsonl']);
  });

  it('is refused where the holder cannot be judged', async () => {
    await written(firstEpoch);
    const lock = join(journal, 'run', 'lock');
    const elsewhere = { pid: 4, process: '4', host: 'another-machine', boot: 'b', socket: true, nonce: 'n' };
    await writeFile(lock, JSON.stringify(elsewhere));
    await expect(resume()).rejects.toThrow(
      `The run is held by process 4 on "another-machine" (${lock}): if that is gone for certain, delete the lock.`,
    );
    await writeFile(lock, 'mine');
    await expect(resume()).rejects.toThrow(
      `${lock} is there, but does not tell who holds it: if no process writes this run, delete that file.`,
    );
  });
});
