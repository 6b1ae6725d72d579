/** What is better, and by how much it must be. */
export interface Better {
  readonly mode: 'min' | 'max';
  readonly minDelta: number;
}

/** Whether a value is better than the best before it. As good is not better, and `minDelta` itself is as good. */
export function isBetter(value: number, best: number | undefined, { mode, minDelta }: Better): boolean {
  return best === undefined || (value - best) * (mode === 'max' ? 1 : -1) > minDelta;
}

/** The best value so far, and how many values in a row were not better. */
export interface Patience {
  readonly best: { readonly value: number; readonly epoch: number } | undefined;
  readonly since: number;
}

export const freshPatience: Patience = { best: undefined, since: 0 };

/** The patience after one more value. The first is the best so far. */
export function tried(
  { best, since }: Patience,
  value: { readonly value: number; readonly epoch: number },
  better: Better,
): Patience {
  return isBetter(value.value, best?.value, better) ? { best: value, since: 0 } : { best, since: since + 1 };
}
