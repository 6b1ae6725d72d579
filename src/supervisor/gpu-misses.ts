import type { GpuShare } from '../probes/index.ts';
import type { Unenforceable } from '../wire/index.ts';
import { whyUnknown, type Readings } from './readings.ts';

const figures = { gpuUtilizationPercent: 'utilizationPercent', gpuMemoryMb: 'memoryMb' } as const;
const rules = Object.keys(figures) as (keyof typeof figures)[];

/** Keeps of which of the GPU's figures nothing was known during an evaluation, and why. */
export class GpuMisses {
  readonly #probe: Readings['probe'];
  readonly #known = new Set<string>();
  readonly #why = new Map<string, string>();

  constructor(probe: Readings['probe']) {
    this.#probe = probe;
  }

  /** @returns what it was given */
  note(share: GpuShare): GpuShare {
    // Before the first answer nothing is known, and nothing is missed.
    if (!this.#probe.isAwaited)
      for (const rule of rules)
        if (share[figures[rule]] !== null) this.#known.add(rule);
        else this.#why.set(rule, whyUnknown(this.#probe, share));
    return share;
  }

  /** What was never known though it was asked for; without a card it was told at the start. */
  get unmeasured(): readonly Unenforceable[] {
    if (this.#probe.missing !== undefined) return [];
    return [...this.#why].filter(([rule]) => !this.#known.has(rule)).map(([rule, why]) => ({ rule, why }));
  }
}
