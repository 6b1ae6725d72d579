import type { GpuShare } from '../probes/index.ts';
import type { Unenforceable } from '../wire/index.ts';
import { whyUnknown, type Readings } from './readings.ts';

const figures = { gpuUtilizationPercent: 'utilizationPercent', gpuMemoryMb: 'memoryMb' } as const;
const rules = Object.keys(figures) as (keyof typeof figures)[];

/** Keeps which of the GPU's figures were not known for most of an evaluation, and why. */
export class GpuMisses {
  readonly #probe: Readings['probe'];
  /** Looks at which it was known less those at which it was not: of what has not begun to use the GPU 0 is known everywhere. */
  readonly #balance = new Map<string, number>();
  readonly #why = new Map<string, string>();

  constructor(probe: Readings['probe']) {
    this.#probe = probe;
  }

  /** @returns what it was given */
  note(share: GpuShare): GpuShare {
    // Before the first answer nothing is known, and nothing is missed.
    if (!this.#probe.isAwaited)
      for (const rule of rules) {
        const isKnown = share[figures[rule]] !== null;
        this.#balance.set(rule, (this.#balance.get(rule) ?? 0) + (isKnown ? 1 : -1));
        if (!isKnown) this.#why.set(rule, whyUnknown(this.#probe, share));
      }
    return share;
  }

  /** What was not known though it was asked for; without a card it was told at the start. */
  get unmeasured(): readonly Unenforceable[] {
    if (this.#probe.missing !== undefined) return [];
    return [...this.#why].filter(([rule]) => (this.#balance.get(rule) ?? 0) < 0).map(([rule, why]) => ({ rule, why }));
  }
}
