/** A finite number, or `null` for whatever could not be measured: `undefined`, NaN, an infinity, what is no number. A true 0 stays 0. */
export function measured(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
