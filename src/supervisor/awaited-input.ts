import { statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { StartOrder } from '../wire/index.ts';
import type { Decision } from './settlement.ts';

/**
 * The input of one evaluation, while the host writes it. Only the size of its files tells that it is whole; whatever an evaluator has
 * put in their place, nothing here throws.
 */
export class AwaitedInput {
  readonly #order: Pick<StartOrder, 'name' | 'inputs'>;
  readonly #seen = new Set<string>();

  constructor(order: Pick<StartOrder, 'name' | 'inputs'>) {
    this.#order = order;
  }

  get isWhole(): boolean {
    return this.#order.inputs.every(({ path, bytes }) => (statOf(path)?.size ?? -1) >= bytes);
  }

  /** It was there, and is not any more, or cannot come: nothing else would ever end the wait for it. */
  lost(): Decision | undefined {
    for (const { path } of this.#order.inputs)
      if (statOf(path) !== undefined) this.#seen.add(path);
      else if (this.#seen.has(path) || statOf(dirname(path))?.isDirectory() !== true) {
        const message = `The input of "${this.#order.name}" was removed before its evaluator had read it: leave ${dirname(path)} to Pitwall.`;
        return { kind: 'failed', errorKind: 'rejected', code: 'INPUT_NOT_READABLE', message };
      }
    return undefined;
  }
}

/** `undefined` for what cannot be looked at: it is not there, below what is no folder, or a link round and round. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
