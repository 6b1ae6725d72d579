import { describe, expect, it } from 'vitest';
import { emptyLetters, lettersReader } from '../../src/wire/index.ts';
import { lettersWriter } from '../../src/wire/mailbox.ts';

/** A mailbox in memory, into which anything may be forged. */
function mailbox() {
  const content = Buffer.alloc(2048);
  const read = lettersReader((into) => {
    content.copy(into);
    return true;
  });
  const write = lettersWriter((written) => {
    written.copy(content);
  });
  return {
    read,
    forge: (letters: object) => {
      write({ ...emptyLetters, ...letters });
    },
  };
}

describe('a letter', () => {
  it.each(['done', 'progressCount', 'partialCount'])('is taken with whole numbers as %s, and no others', (name) => {
    const { read, forge } = mailbox();
    forge({ [name]: 7 });
    expect(read()).toEqual({ ...emptyLetters, [name]: 7 });

    for (const forged of [-1, 1.5, 1e300, 2 ** 53, null, '8', Infinity]) {
      forge({ [name]: forged });
      expect(read()).toEqual({ ...emptyLetters, [name]: 7 });
    }

    forge({ [name]: 0 });
    expect(read()).toEqual(emptyLetters);
  });

  it('may tell any number as its progress', () => {
    const { read, forge } = mailbox();
    forge({ progress: { done: -0.5, total: 1e300 } });

    expect(read().progress).toEqual({ done: -0.5, total: 1e300 });
  });
});
