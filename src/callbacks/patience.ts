/** What is better, and by how much it must be. */
export interface Better {
  readonly mode: 'min' | 'max';
  readonly minDelta: number;
}

/** The best value so far, and how many values in a row were not better. */
export interface Patience {
  readonly best: { readonly value: number; readonly epoch: number } | undefined;
  readonly since: number;
}

export const freshPatience: Patience = { best: undefined, since: 0 };

/** The patience after one more value. The first is the best so far; as good is not better, and `minDelta` itself is as good. */
export function tried(
  { best, since }: Patience,
  value: { readonly value: number; readonly epoch: number },
  { mode, minDelta }: Better,
): Patience {
  const gain = best === undefined ? Infinity : (value.value - best.value) * (mode === 'max' ? 1 : -1);
  return gain > minDelta ? { best: value, since: 0 } : { best, since: since + 1 };
}
