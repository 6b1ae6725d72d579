import { appendFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { JournalError, readJournal, repairJournal, type TornLine } from '../../src/journal/index.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { custom, temporaryFolder } from './events.ts';

const lines = [custom(1), custom(2, { loss: NaN }), custom(3, 'the last — ✓')].map((event) => encodeLine(event));
const last = Buffer.from(lines[2]!);

async function journalOf(content: string | Buffer): Promise<{ folder: string; file: string }> {
  const folder = join(await temporaryFolder(), 'run-1');
  const file = join(folder, 'events.jsonl');
  await mkdir(folder);
  await writeFile(file, content);
  return { folder, file };
}

async function codeOf(failing: Promise<unknown>): Promise<JournalError> {
  const error: unknown = await failing.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(JournalError);
  return error as JournalError;
}

describe('readJournal', () => {
  it('gives the events in order, by a path, a file: URL, or the journal itself', async () => {
    const { folder, file } = await journalOf(lines.join(''));
    const events = [custom(1), custom(2, { loss: NaN }), custom(3, 'the last — ✓')];

    expect(await readJournal(folder)).toEqual(events);
    expect(await readJournal(pathToFileURL(folder))).toEqual(events);
    expect(await readJournal(pathToFileURL(`${folder}/`).href)).toEqual(events);
    expect(await readJournal(file)).toEqual(events);
  });

  it('reads an empty journal, and one whose lines are longer than a chunk', async () => {
    const long = [custom(1, 'x'.repeat(700_000)), custom(2), custom(3, '✓'.repeat(300_000))];
    const empty = await journalOf('');
    const { folder } = await journalOf(long.map((event) => encodeLine(event)).join(''));

    expect(await readJournal(empty.folder)).toEqual([]);
    expect(await readJournal(folder)).toEqual(long);
  });

  it('leaves a last line out that is torn at any byte, says so once, and the repair cuts it off and keeps it', async () => {
    const { folder, file } = await journalOf('');
    const whole = Buffer.from(lines.slice(0, 2).join(''));
    for (let length = 0; length < last.length; length++) {
      const kept = `${file}.torn`;
      await rm(kept, { force: true });
      const torn: TornLine[] = [];
      await writeFile(file, Buffer.concat([whole, last.subarray(0, length)]));

      const events = await readJournal(folder, { onTorn: (line) => torn.push(line) });
      const repair = await repairJournal(folder);

      expect(events).toHaveLength(2);
      expect(torn).toHaveLength(length === 0 ? 0 : 1);
      if (length > 0) {
        expect(torn[0]).toMatchObject({ path: file, line: 3, bytes: length });
        expect(repair).toEqual({ repaired: true, removedBytes: length, keptAs: kept, lines: 2 });
        expect(await readFile(kept)).toEqual(last.subarray(0, length));
      }
      expect(await readFile(file)).toEqual(whole);
      expect(await repairJournal(folder)).toEqual({ repaired: false, removedBytes: 0, lines: 2 });
    }
  }, 30_000);

  it('warns with a code when nobody listens for a torn line', async () => {
    const { folder } = await journalOf(lines.join('').slice(0, -1));
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

    await readJournal(folder);

    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(/^The last line of .*events\.jsonl \(3\) is torn/),
        expect.objectContaining({ code: 'PITWALL_JOURNAL_TORN' }),
      ],
    ]);
    emitWarning.mockRestore();
  });

  it.each([
    ['a bad checksum', lines[2]!.replace('last', 'lost')],
    ['no JSON', 'garbage\n'],
    ['nothing', '\n'],
  ])('takes a last line with %s as torn', async (_, bad) => {
    const { folder, file } = await journalOf(lines[0]! + lines[1]! + bad);

    expect(await readJournal(folder, { onTorn: () => undefined })).toHaveLength(2);
    expect(await repairJournal(folder)).toMatchObject({
      repaired: true,
      removedBytes: Buffer.byteLength(bad),
      lines: 2,
    });
    expect(await readFile(file, 'utf8')).toBe(lines[0]! + lines[1]!);
    expect(await readFile(`${file}.torn`, 'utf8')).toBe(bad);
  });

  it('names the line that is corrupt in the middle', async () => {
    const { folder, file } = await journalOf(lines[0]! + lines[1]!.replace('NaN', 'nan') + lines[2]!);

    const error = await codeOf(readJournal(folder));

    expect(error).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2, path: file });
    expect(error.message).toContain(`Line 2 of ${file}`);
  });

  it('takes a bad line with anything behind it for corrupt, and repairs nothing then', async () => {
    const content = `${lines[0]!}garbage\n${lines[2]!.slice(0, 9)}`;
    const { folder, file } = await journalOf(content);

    expect(await codeOf(readJournal(folder))).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2 });
    expect(await codeOf(repairJournal(folder))).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2 });
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  it.each([
    ['missing', [1, 3], 'the event 2 was to follow, but its "seq" is 3'],
    ['there twice', [1, 1], 'the event 2 was to follow, but its "seq" is 1'],
  ])('names the line before which an event is %s', async (_, seqs, message) => {
    const { folder } = await journalOf(seqs.map((seq) => encodeLine(custom(seq))).join(''));

    const error = await codeOf(readJournal(folder));

    expect(error).toMatchObject({ code: 'JOURNAL_CORRUPT', line: 2 });
    expect(error.message).toContain(message);
  });

  it('says what is there where a journal is missing', async () => {
    const folder = await temporaryFolder();
    const missing = await codeOf(readJournal(join(folder, 'nope')));
    const empty = await codeOf(readJournal(folder));
    for (const name of ['run-b', 'run-a', 'other']) await mkdir(join(folder, name));
    await appendFile(join(folder, 'run-a', 'events.jsonl'), '');
    await appendFile(join(folder, 'run-b', 'events.jsonl'), '');
    const above = await codeOf(readJournal(folder));
    for (const path of ['notes.txt', 'run-a/notes.txt']) await appendFile(join(folder, path), '');
    const file = await codeOf(readJournal(join(folder, 'notes.txt')));
    const beside = await codeOf(readJournal(join(folder, 'run-a', 'notes.txt')));

    expect(missing).toMatchObject({ code: 'JOURNAL_NOT_FOUND' });
    expect(missing.message).toContain(`There is no run folder ${join(folder, 'nope')}`);
    expect(empty.message).toContain(`The folder ${folder} holds no events.jsonl: a run's folder was expected`);
    expect(above.message).toContain('the folders of runs: run-a, run-b.');
    expect(file.message).toBe(
      `${join(folder, 'notes.txt')} is a file, and a run's folder was expected, like ".pitwall/<runId>".`,
    );
    expect(beside.message).toContain(`is a file, and a run is told by its folder: give ${join(folder, 'run-a')}.`);
    expect(await codeOf(repairJournal(folder))).toMatchObject({ code: 'JOURNAL_NOT_FOUND' });
  });

  it.each([['https://example.org/run'], [''], [7]])('refuses %j as a run folder', async (wrong) => {
    await expect(
      readJournal((typeof wrong === 'string' && wrong.startsWith('https') ? new URL(wrong) : wrong) as string),
    ).rejects.toThrow(/must be a path or a file: URL, but .* came/);
  });

  it('keeps every torn line that it ever removed', async () => {
    const { folder, file } = await journalOf('');
    for (const [torn, keptAs] of [
      ['one', `${file}.torn`],
      ['two', `${file}.torn.2`],
      ['three', `${file}.torn.3`],
    ] as const) {
      await appendFile(file, torn);

      expect(await repairJournal(folder)).toMatchObject({ keptAs });
      expect(await readFile(keptAs, 'utf8')).toBe(torn);
    }
  });

  it('repairs a journal that is nothing but a torn first line', async () => {
    const { folder, file } = await journalOf(lines[0]!);
    await truncate(file, 10);

    expect(await repairJournal(folder)).toMatchObject({ repaired: true, removedBytes: 10, lines: 0 });
    expect(await readJournal(folder)).toEqual([]);
  });
});
