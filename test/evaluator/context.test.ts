import { describe, expect, it } from 'vitest';
import { contextOver } from '../../src/evaluator/context.ts';
import type { Letters } from '../../src/wire/index.ts';

describe('item', () => {
  it('without a function that does the work is one sentence, and marks nothing', async () => {
    const written: Letters[] = [];
    const { item } = contextOver(
      {
        write: (letters) => {
          written.push(letters);
        },
        keep: () => undefined,
      },
      { signal: new AbortController().signal, seed: 1 },
    );

    await expect(item('game', undefined as never)).rejects.toThrow(
      'item(name, work) must get a function that does the work, but undefined came.',
    );
    expect(written).toEqual([]);
  });
});
