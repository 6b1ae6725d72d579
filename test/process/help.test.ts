import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { ran, type Ran } from '../dist/programs.ts';
import { missing } from './needs.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));
const commands = ['demo', 'doctor', 'drill', 'replay', 'report', 'runs'];
const pitwall = (...args: readonly string[]): Ran => ran(process.execPath, [main, ...args], tmpdir());

describe('pitwall help', () => {
  it('is what --help prints, of the program and of a command', () => {
    expect(pitwall('help')).toEqual(pitwall('--help'));
    expect(pitwall('help', 'runs')).toEqual(pitwall('runs', '--help'));
    expect(pitwall('help', 'runs')).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['foo', "error: unknown command 'foo'"],
    ['rnus', "error: unknown command 'rnus'\n(Did you mean runs?)"],
  ])('says of %s what the command itself does: there is none', (name, sentence) => {
    const told = pitwall('help', name);

    expect(told).toEqual(pitwall(name));
    expect(told).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) as string });
  });
});

describe('a help', () => {
  it.skipIf(missing('script')).each([45, 60, 80])('fits into a terminal of %i columns', (columns) => {
    const helps = ['', ...commands].map((command) => `'${process.execPath}' '${main}' ${command} --help`);
    const inTerminal = `stty cols ${columns} rows 24; ${helps.join('; ')}`;

    const { code, stdout } = ran('script', ['--quiet', '--return', '--command', inTerminal, '/dev/null'], tmpdir());

    expect(code).toBe(0);
    expect(stdout.match(/^Usage: /gm)).toHaveLength(helps.length);
    expect(stdout.split('\r\n').filter((line) => line.length > columns)).toEqual([]);
    expect(stdout.split('\r\n').some((line) => line.length > columns - 5)).toBe(true); // and makes use of it
  });

  it.each(commands)('of %s fits into 80 columns where there is no terminal', (command) => {
    for (const line of pitwall(command, '--help').stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
