import type { CallWindow, WindowSnapshot } from './call-window.ts';
import type { Figures } from './circuit-state.ts';

const slotCount = 64;

/**
 * The calls of the last `sizeMs` milliseconds, in a ring of 64 slots.
 *
 * A slot is dropped as soon as its first moment is `sizeMs` old: no call older than that is ever counted, and one leaves at most
 * a slot's width early.
 */
export class TimeWindow implements CallWindow {
  readonly figures: Figures = { calls: 0, failed: 0, slow: 0 };
  /** Made as they are first used. */
  readonly #slots: (Figures | undefined)[] = [];
  readonly #sizeMs: number;
  /** The newest slot, counted from the clock's zero. */
  #newest = -Infinity;

  constructor(sizeMs: number) {
    this.#sizeMs = sizeMs;
  }

  record(failed: boolean, slow: boolean, nowMs: number): void {
    this.forget(nowMs);
    this.#add(this.#newest, { calls: 1, failed: failed ? 1 : 0, slow: slow ? 1 : 0 });
  }

  forget(nowMs: number): void {
    const newest = this.#indexAt(nowMs);
    if (newest <= this.#newest) return;
    for (let index = Math.max(this.#newest + 1, newest - slotCount + 1); index <= newest; index++) this.#drop(index);
    this.#newest = newest;
  }

  clear(): void {
    this.#slots.length = 0;
    Object.assign(this.figures, { calls: 0, failed: 0, slow: 0 });
  }

  save(nowMs: number): WindowSnapshot {
    this.forget(nowMs);
    const widthMs = this.#sizeMs / slotCount;
    return {
      type: 'time',
      slots: Array.from({ length: slotCount }, (_, back) => this.#newest - slotCount + 1 + back)
        .map((index) => ({ ageMs: Math.max(0, nowMs - index * widthMs), ...this.#slot(index) }))
        .filter(({ calls }) => calls > 0),
    };
  }

  load(snapshot: WindowSnapshot, nowMs: number, awayMs: number): void {
    if (snapshot.type !== 'time') return;
    this.forget(nowMs);
    for (const { ageMs, ...figures } of snapshot.slots) {
      const index = this.#indexAt(nowMs - ageMs - awayMs);
      if (index > this.#newest - slotCount) this.#add(index, figures);
    }
  }

  #indexAt(ms: number): number {
    return Math.floor((ms * slotCount) / this.#sizeMs);
  }

  #slot(index: number): Figures {
    const position = ((index % slotCount) + slotCount) % slotCount;
    return (this.#slots[position] ??= { calls: 0, failed: 0, slow: 0 });
  }

  #add(index: number, { calls, failed, slow }: Readonly<Figures>): void {
    for (const sum of [this.#slot(index), this.figures]) {
      sum.calls += calls;
      sum.failed += failed;
      sum.slow += slow;
    }
  }

  #drop(index: number): void {
    const slot = this.#slot(index);
    this.figures.calls -= slot.calls;
    this.figures.failed -= slot.failed;
    this.figures.slow -= slot.slow;
    Object.assign(slot, { calls: 0, failed: 0, slow: 0 });
  }
}
