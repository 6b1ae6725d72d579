import { describe, expect, it } from 'vitest';
import { oneLine } from '../../src/words/index.ts';

describe('oneLine', () => {
  it.each([
    ['line breaks', 'one\ntwo\r\n\tthree', 'one two three'],
    ['what a terminal takes for a command', '\u001b[31mred\u0007', '\ufffd[31mred\ufffd'],
    ['marks that turn the direction of writing', 'a\u202eb', 'a\ufffdb'],
  ])('is without %s', (_, text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  it('is of a bounded length, and never cut within a character', () => {
    expect(oneLine('x'.repeat(500), 10)).toBe('xxxxxxxxx…');
    expect(oneLine('😀😀😀', 4)).toBe('😀…');
  });
});
