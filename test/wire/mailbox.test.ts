import { closeSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { emptyLetters, mailboxReader, mailboxWriter } from '../../src/wire/index.ts';

const opened: number[] = [];
afterEach(() => {
  opened.splice(0).forEach((fd) => {
    closeSync(fd);
  });
});

function mailbox() {
  const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'mailbox');
  writeFileSync(path, Buffer.alloc(2048));
  const fd = openSync(path, 'r+');
  opened.push(fd);
  return { path, fd, read: mailboxReader(fd) };
}

describe('the mailbox', () => {
  it('is empty before anything was told', () => {
    expect(mailbox().read()).toEqual(emptyLetters);
  });

  it('holds the latest that was told', () => {
    const { path, read } = mailbox();
    const { write } = mailboxWriter(path);
    write({ ...emptyLetters, done: 1 });
    write({ ...emptyLetters, done: 2, running: { name: 'game 3', startedMs: 12.5 }, progressCount: 7 });

    expect(read()).toEqual({
      ...emptyLetters,
      done: 2,
      running: { name: 'game 3', startedMs: 12.5 },
      progressCount: 7,
    });
  });

  it('shortens names and notes, so that what is told always fits', () => {
    const { path, read } = mailbox();
    mailboxWriter(path).write({
      ...emptyLetters,
      running: { name: 'é'.repeat(10_000), startedMs: 1 },
      progress: { done: 1, note: 'ü'.repeat(10_000) },
    });

    expect(read().running?.name).toBe('é'.repeat(200));
    expect(read().progress?.note).toBe('ü'.repeat(200));
  });

  it('holds the marks even where words of control characters would not fit', () => {
    const { path, read } = mailbox();
    mailboxWriter(path).write({
      ...emptyLetters,
      done: 3,
      running: { name: '\u0001'.repeat(1000), startedMs: 1 },
      progress: { done: 1, note: '\u0001'.repeat(1000) },
    });

    expect(read()).toMatchObject({ done: 3, running: { startedMs: 1 } });
  });

  it('keeps what it held where a write is met or the content is not ours', () => {
    const { path, fd, read } = mailbox();
    mailboxWriter(path).write({ ...emptyLetters, done: 5 });
    expect(read().done).toBe(5);

    const torn = Buffer.alloc(4);
    torn.writeUInt32LE(99);
    writeSync(fd, torn, 0, 4, 0); // a new version in front, the former behind
    expect(read().done).toBe(5);

    writeSync(fd, torn, 0, 4, 2044); // two equal versions around rubbish
    writeSync(fd, 'rubbish', 8);
    expect(read().done).toBe(5);
  });
});
