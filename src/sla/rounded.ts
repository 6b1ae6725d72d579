/** A measure as a sentence tells it: to a tenth. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
