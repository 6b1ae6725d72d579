import { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AskedProgram } from '../../src/probes/index.ts';
import { missing } from './needs.ts';
import { straysOf, strayToken } from './strays.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-asked-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A program that does as the lines say. */
function program(lines: string, patienceMs = 300): AskedProgram {
  const path = join(folder, 'program');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return new AskedProgram(path, { patienceMs, mark: { variable: 'PITWALL_TEST_ASKED', value: strayToken() } });
}

describe.skipIf(missing('sleep'))('a program that is asked', () => {
  it('gives what it prints', async () => {
    expect(await program('echo "$1, $2"', 60_000).printed(['one', 'two'])).toBe('one, two\n');
  });

  it.each([
    ['with what it prints', 'echo first; echo second; echo third >&2; exit 6', 'first'],
    ['with what it says of itself', 'echo first >&2; exit 6', 'first'],
    ['without a word', 'exit 6', /^Command failed/],
    ['because it prints without end', 'while :; do echo "$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0"; done', /maxBuffer/],
  ])('is rejected where it fails %s', async (_, lines, message) => {
    await expect(program(lines, 60_000).printed([])).rejects.toThrow(message);
  });

  it('is told in some words, however many come', async () => {
    const dumps = program('head -c 900000 /dev/zero | tr "\\0" x; exit 1', 60_000);

    await expect(dumps.printed([])).rejects.toThrow(/^x{199}…$/);
  });

  it('has answered, though it fails, where what it has printed and its exit code are an answer', async () => {
    const warns = program('echo told; exit 14', 60_000);
    const asked: unknown[] = [];

    const printed = await warns.printed([], (failed) => asked.push(failed) > 0);

    expect({ printed, asked }).toEqual({ printed: 'told\n', asked: [{ stdout: 'told\n', code: 14 }] });
    await expect(warns.printed([], () => false)).rejects.toThrow('told');
  });

  it.each([
    ['itself', (token: string) => `exec sleep ${token}`],
    ['in a program that it has started', (token: string) => `sleep ${token}`],
    ['in one that has lost its parents', (token: string) => `(sleep ${token} &)\nsleep ${token}`],
    ['in one that is deaf to what asks it to end', (token: string) => `trap '' TERM\nsleep ${token}\nsleep ${token}`],
  ])('is ended where it hangs %s, and nothing of it is left', async (_, lines) => {
    const token = strayToken();

    await expect(program(lines(token)).printed([])).rejects.toThrow('it did not answer within 0.3 s');

    expect(straysOf(token)).toEqual([]);
  });

  it('gives what it has printed where something that it leaves behind holds its output open, and ends that', async () => {
    const token = strayToken();

    expect(await program(`echo told\n(sleep ${token} &)`, 60_000).printed([])).toBe('told\n');

    expect(straysOf(token)).toEqual([]);
  });

  it('is not asked again while something of it is left that not even SIGKILL ends', async () => {
    const token = strayToken();
    const asked = program(`echo asked >>${join(folder, 'asked')}\nexec sleep ${token}`, 1_000);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const times = (): number => readFileSync(join(folder, 'asked'), 'utf8').split('\n').length - 1;
    const childKill = vi.spyOn(ChildProcess.prototype, 'kill').mockReturnValue(true);

    await expect(asked.printed([])).rejects.toThrow('it hangs in the driver');
    await expect(asked.printed([])).rejects.toThrow('it hangs in the driver');
    expect(times()).toBe(1);

    kill.mockRestore();
    childKill.mockRestore();
    await expect(asked.printed([])).rejects.toThrow('it did not answer');
    expect(times()).toBe(2);
    expect(straysOf(token)).toEqual([]);
  });
});
