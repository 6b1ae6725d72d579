import type { GpuAnswer, GpuSource, GpuTold } from './gpu-told.ts';

const firstBackOffMs = 2_000;
const longestBackOffMs = 60_000;

/**
 * Asks the sources in their order, until one has figures, and says when to ask again: as often as that one likes, and more and more
 * seldom where none has any.
 */
export class GpuTurns {
  readonly #sources: readonly GpuSource[];
  #backOffMs = firstBackOffMs;

  constructor(sources: readonly GpuSource[]) {
    this.#sources = sources;
  }

  async next(): Promise<GpuTold> {
    let answer: GpuAnswer = { why: 'there is nobody to ask' };
    for (const source of this.#sources) {
      answer = await source.ask();
      if (!('reading' in answer)) continue;
      this.#backOffMs = firstBackOffMs;
      return { ...answer, againInMs: source.everyMs };
    }
    const againInMs = this.#backOffMs;
    this.#backOffMs = Math.min(longestBackOffMs, againInMs * 2);
    return { ...answer, againInMs };
  }
}
