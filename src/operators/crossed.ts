/**
 * Whether a multiple of `every` lies above `from` and at or below `to`.
 *
 * `to % every === 0` would miss what a jump leaps over, and fire twice at a number that is told twice.
 */
export function crossed(every: number, from: number, to: number): boolean {
  return Math.floor(to / every) > Math.floor(from / every);
}
