import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { JournalledEvent } from '../../src/events/index.ts';
import {
  JournalError,
  openJournal,
  readJournal,
  type Journal,
  type JournalInternals,
  type JournalOptions,
} from '../../src/journal/index.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { Disk, seqsOf } from './disk.ts';
import { custom, runEnd, runId, temporaryFolder, transition } from './events.ts';

const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

function onDisk(disk: Disk, internals: JournalInternals = {}) {
  const clock = new VirtualClock();
  const journal = openJournal({ folder: '/nowhere', runId, clock }, { openFile: disk.open, ...internals });
  const durable: number[] = [];
  const failures: JournalError[] = [];
  journal.durable$.subscribe((seq) => {
    durable.push(seq);
    // The promise itself, at every moment: what it claims would survive a power failure.
    expect(disk.safe).toContain(seq);
  });
  journal.failed$.subscribe((failure) => failures.push(failure));
  return { journal, clock, durable, failures };
}

async function existing(events: readonly JournalledEvent[], torn = ''): Promise<JournalOptions & { file: string }> {
  const folder = await temporaryFolder();
  const file = join(folder, runId, 'events.jsonl');
  await mkdir(join(folder, runId));
  await writeFile(file, events.map((event) => encodeLine(event)).join('') + torn);
  return { folder, runId, append: true, file };
}

function open({ folder, append = false }: JournalOptions): Journal {
  return openJournal({ folder, runId, append });
}

describe('openJournal', () => {
  it('makes its folders and writes what readJournal gives back', async () => {
    const folder = join(await temporaryFolder(), 'a', 'b');
    const journal = openJournal({ folder, runId });
    const events = [custom(1), transition(2), custom(3, { loss: Infinity })];

    for (const event of events) journal.append(event);
    await journal.close();

    expect(journal.file).toBe(join(folder, runId, 'events.jsonl'));
    expect(await readJournal(journal.folder)).toEqual(events);
    expect(await lastValueFrom(journal.durable$)).toBe(3);
    expect(await firstValueFrom(journal.failed$.pipe(toArray()))).toEqual([]);
  });

  it('takes an event as it is now: what its objects become later is not told', async () => {
    const disk = new Disk();
    const { journal } = onDisk(disk);
    const metrics = { loss: 1, weights: new Float32Array([1]) };
    const before = encodeLine(custom(1, metrics));

    journal.append(custom(1, metrics));
    metrics.loss = 2;
    metrics.weights[0] = 5;
    await journal.close();

    expect(disk.content.toString()).toBe(before);
  });

  it('writes all that waits at once, and syncs an urgent event with all before it', async () => {
    const disk = new Disk();
    const { journal, clock, durable } = onDisk(disk);

    for (let seq = 1; seq <= 100; seq++) journal.append(custom(seq));
    journal.append(transition(101));
    await clock.advance(0);

    expect({ writes: disk.writes, syncs: disk.syncs, durable }).toEqual({ writes: 1, syncs: 1, durable: [101] });
    expect(disk.safe).toHaveLength(101);
    await journal.close();
  });

  it('syncs what is not urgent a second after it came, not earlier', async () => {
    const disk = new Disk();
    const { journal, clock, durable } = onDisk(disk);

    journal.append(custom(1));
    await clock.advance(600);
    journal.append(custom(2));
    await clock.advance(399);
    expect({ written: seqsOf(disk.content), durable }).toEqual({ written: [1, 2], durable: [] });
    await clock.advance(1);
    expect(durable).toEqual([2]);
    journal.append(custom(3));
    await clock.advance(1000);
    expect(durable).toEqual([2, 3]);

    await journal.close();
    expect(clock.pendingTimers).toBe(0);
    expect(disk.closed).toBe(true);
  });

  it('syncs after a second too when the disk was slow to write', async () => {
    const disk = new Disk();
    let unstick = (): void => undefined;
    const { journal, clock, durable } = onDisk(disk);
    await clock.advance(0);

    disk.stuck = new Promise((resolve) => (unstick = resolve));
    journal.append(custom(1));
    await clock.advance(1000);
    expect(durable).toEqual([]);
    unstick();
    await clock.advance(0);

    expect(durable).toEqual([1]);
    await journal.close();
  });

  it.each([
    ['evaluation:end', true],
    ['sla:violation', true],
    ['sla:recovered', true],
    ['sla:unmeasured', true],
    ['breaker:transition', true],
    ['epoch:end', true],
    ['checkpoint', true],
    ['run:start', true],
    ['run:end', true],
    ['training:end', true],
    ['epoch:start', false],
    ['step:summary', false],
    ['evaluation:sample', false],
    ['evaluation:requested', false],
    ['dropped', false],
    ['custom', false],
  ])('%s is urgent: %s', async (type, urgent) => {
    const disk = new Disk();
    const { journal, clock } = onDisk(disk);

    journal.append({ ...custom(1), type } as JournalledEvent);
    await clock.advance(0);

    expect(disk.syncs).toBe(urgent ? 1 : 0);
    await journal.close();
  });

  it('replays the latest durable seq to who comes late, and completes at the close', async () => {
    const disk = new Disk();
    const { journal, clock } = onDisk(disk);
    journal.append(transition(1));
    await clock.advance(0);

    expect(await firstValueFrom(journal.durable$)).toBe(1);
    journal.append(custom(2));
    await journal.close();
    expect(await firstValueFrom(journal.durable$.pipe(toArray()))).toEqual([2]);
    expect(journal.close()).toBe(journal.close());
  });

  it('leaves steps out', async () => {
    const disk = new Disk();
    const { journal } = onDisk(disk);

    journal.append({ type: 'step', at: 1, runId, epoch: 1, step: 1, durationMs: 2 } as unknown as JournalledEvent);
    journal.append(custom(1));
    await journal.close();

    expect(disk.safe).toEqual([1]);
  });

  it('finishes a write that the system took in pieces', async () => {
    const disk = new Disk();
    disk.takes = 7;
    const { journal } = onDisk(disk);

    journal.append(custom(1, '✓✓✓'));
    journal.append(transition(2));
    await journal.close();

    expect(disk.safe).toEqual([1, 2]);
  });

  describe('when the disk fails', () => {
    it('says so once, waits for room, and then loses nothing', async () => {
      const disk = new Disk();
      const { journal, clock, durable, failures } = onDisk(disk);
      journal.append(transition(1));
      await clock.advance(0);

      disk.failing.write = full;
      disk.takesBeforeFailing = 10;
      journal.append(transition(2));
      await clock.advance(5000);
      journal.append(transition(3));
      expect({ durable, lost: journal.lost }).toEqual({ durable: [1], lost: 0 });
      delete disk.failing.write;
      await clock.advance(1000);

      expect(durable).toEqual([1, 3]);
      expect(disk.safe).toEqual([1, 2, 3]);
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({ code: 'JOURNAL_WRITE', cause: full });
      expect(failures[0]!.message).toContain('no space left on device');
      await journal.close();
    });

    it('claims nothing after a failed sync until all of it was written again', async () => {
      const disk = new Disk();
      const { journal, clock, durable } = onDisk(disk);

      disk.failing.datasync = new Error('EIO');
      journal.append(transition(1));
      await clock.advance(0);
      // What a failed sync leaves of the page cache nobody knows.
      disk.content = Buffer.alloc(disk.content.length);
      delete disk.failing.datasync;
      expect(durable).toEqual([]);
      await clock.advance(1000);

      expect(durable).toEqual([1]);
      expect(disk.safe).toEqual([1]);
      await journal.close();
    });

    it('goes on when the file could be opened only later', async () => {
      const disk = new Disk();
      disk.failing.open = Object.assign(new Error('EACCES'), { code: 'EACCES' });
      const { journal, clock, durable, failures } = onDisk(disk);

      journal.append(transition(1));
      await clock.advance(2000);
      delete disk.failing.open;
      await clock.advance(1000);

      expect({ durable, opens: disk.opens, failures: failures.length }).toEqual({
        durable: [1],
        opens: 4,
        failures: 1,
      });
      await journal.close();
    });

    it('counts what it could not write, and closes nevertheless', async () => {
      const disk = new Disk();
      const { journal, clock, durable, failures } = onDisk(disk);
      journal.append(transition(1));
      await clock.advance(0);

      disk.failing.write = full;
      for (let seq = 2; seq <= 6; seq++) journal.append(custom(seq));
      await journal.close();
      journal.append(custom(7));

      expect({ durable, lost: journal.lost, failures: failures.length }).toEqual({
        durable: [1],
        lost: 6,
        failures: 1,
      });
      expect({ pending: clock.pendingTimers, closed: disk.closed }).toEqual({ pending: 0, closed: true });
    });

    it('counts what comes after the close, and says so', async () => {
      const { journal, failures } = onDisk(new Disk());
      journal.append(custom(1));
      const closing = journal.close();
      journal.append(custom(2));
      await closing;
      expect(journal.lost).toBe(1);
      expect(failures).toMatchObject([{ code: 'JOURNAL_CLOSED' }]);
      expect(failures[0]?.message).toMatch(/^The event 2 \(custom\) came after .* was closed: it is left out\.$/);
    });

    it('tries once more at the close', async () => {
      const disk = new Disk();
      disk.failing.write = full;
      const { journal, clock, durable } = onDisk(disk);
      journal.append(transition(1));
      await clock.advance(0);

      delete disk.failing.write;
      await journal.close();

      expect({ durable, lost: journal.lost }).toEqual({ durable: [1], lost: 0 });
    });

    it('keeps a bounded amount in memory, urgent events longest, and a line stands for what it dropped', async () => {
      const disk = new Disk();
      let unstick = (): void => undefined;
      disk.stuck = new Promise((resolve) => (unstick = resolve));
      const { journal, clock, durable, failures } = onDisk(disk, { maxWaitingChars: 2000 });

      for (let seq = 1; seq <= 20; seq++) journal.append(custom(seq, 'x'.repeat(100)));
      const droppedBefore = journal.lost;
      journal.append(transition(21));
      for (let seq = 22; seq <= 40; seq++) journal.append(transition(seq));
      const lost = journal.lost;
      unstick();
      disk.stuck = undefined;
      await clock.advance(0);
      journal.append(transition(41));
      await clock.advance(0);
      await journal.close();

      const kept = 20 - droppedBefore;
      const seqs = disk.safe;
      expect(droppedBefore).toBeGreaterThan(0);
      expect(seqs.slice(0, kept + 2)).toEqual([...Array.from({ length: kept }, (_, index) => index + 1), kept + 1, 21]);
      expect(seqs.at(-1)).toBe(41);
      expect(durable).toEqual([kept]);
      expect(failures).toMatchObject([{ code: 'JOURNAL_FULL' }]);
      expect(lost).toBe(journal.lost);

      const options = await existing([]);
      await writeFile(options.file, disk.content);
      const events = await readJournal(join(options.folder, runId));
      const gaps = events.filter((event) => event.type === 'dropped');
      expect(gaps).toHaveLength(2);
      expect(gaps[0]).toEqual({
        ...custom(kept + 1),
        at: transition(21).at,
        type: 'dropped',
        what: 'journal',
        count: droppedBefore,
        name: undefined,
        value: undefined,
      });
      expect(gaps.reduce((sum, { count }) => sum + count, 0)).toBe(lost);
      expect(events.length - 2 + lost).toBe(41);
    });

    it('lets the run go on where no folder can be made', async () => {
      const folder = join(await temporaryFolder(), 'file');
      await writeFile(folder, '');
      const journal = openJournal({ folder, runId });

      journal.append(custom(1));
      await journal.close();

      expect(await firstValueFrom(journal.failed$)).toMatchObject({ code: 'JOURNAL_WRITE' });
      expect(journal.lost).toBe(1);
    });
  });

  describe('what cannot be taken', () => {
    it('is counted and told, and throws nothing', async () => {
      const disk = new Disk();
      const { journal, failures } = onDisk(disk);
      const hostile = {
        ...custom(2),
        get value(): never {
          throw new Error('lazy');
        },
      };

      journal.append(custom(1));
      journal.append(hostile);
      journal.append(custom(1));
      journal.append(transition(3));
      await journal.close();

      expect({ lost: journal.lost, seqs: disk.safe }).toEqual({ lost: 2, seqs: [1, 2, 3] });
      expect(failures).toMatchObject([{ code: 'JOURNAL_WRITE' }]);
    });
  });

  describe('on a journal that is there', () => {
    it('refuses, unless it is to append', async () => {
      const options = await existing([custom(1)]);

      expect(() => open({ ...options, append: false })).toThrow(JournalError);
      expect(() => open({ ...options, append: false })).toThrow(/There is a journal already, .*events\.jsonl/);
    });

    it('takes an empty one', async () => {
      const options = await existing([]);
      const journal = open({ ...options, append: false });

      journal.append(custom(1));
      await journal.close();

      expect(await readJournal(journal.folder)).toEqual([custom(1)]);
    });

    it('appends, and tells at once what is on disk', async () => {
      const journal = open(await existing([custom(1), custom(2)]));
      const durable = firstValueFrom(journal.durable$);

      expect(await durable).toBe(2);
      journal.append(custom(3));
      await journal.close();

      expect(await readJournal(journal.folder)).toEqual([custom(1), custom(2), custom(3)]);
      expect(await firstValueFrom(journal.repaired$.pipe(toArray()))).toEqual([]);
    });

    it('repairs a torn last line first and tells it', async () => {
      const torn = encodeLine(custom(2)).slice(0, 20);
      const options = await existing([custom(1)], torn);
      const journal = open(options);

      journal.append(custom(2));
      await journal.close();

      expect(await firstValueFrom(journal.repaired$)).toEqual({
        repaired: true,
        removedBytes: 20,
        keptAs: `${options.file}.torn`,
        lines: 1,
      });
      expect(await readFile(`${options.file}.torn`, 'utf8')).toBe(torn);
      expect(await readJournal(journal.folder)).toEqual([custom(1), custom(2)]);
    });

    it.each([
      ['another run', 'JOURNAL_FOREIGN', { ...custom(1), runId: 'other' }],
      ['a finished run', 'JOURNAL_FINISHED', runEnd(1)],
      ['a run that ends elsewhere', 'JOURNAL_ORDER', custom(7)],
    ])('leaves the journal of %s alone', async (_, code, event) => {
      const options = await existing([event]);
      const before = await readFile(options.file, 'utf8');
      const journal = open(options);

      journal.append(custom(2));
      await journal.close();

      expect(await firstValueFrom(journal.failed$.pipe(toArray()))).toMatchObject([{ code }]);
      expect(await readFile(options.file, 'utf8')).toBe(before);
      expect(journal.lost).toBe(1);
    });

    it('leaves a journal alone that is corrupt at its end', async () => {
      const options = await existing([custom(1)], 'garbage\nmore');
      const journal = open(options);
      await appendFile(options.file, '');
      journal.append(custom(2));
      await journal.close();

      expect(await firstValueFrom(journal.failed$)).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2 });
    });
  });

  it.each([
    [{ runId: '../escape' }, /"runId" must be the name of a folder/],
    [{ runId: '..' }, /"runId" must be the name of a folder/],
    [{ runId: '' }, /"runId" must be/],
    [{ folder: 7 }, /"folder" must be the path of a folder, but 7 came/],
    [{ apend: true }, /unknown key "apend": did you mean "append"\?/],
  ])('refuses %j', (wrong, message) => {
    expect(() => openJournal({ folder: '/nowhere', runId, ...(wrong as object) })).toThrow(message);
  });
});
