import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { ran, type Ran } from '../dist/programs.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));
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
