/** A moment of the wall clock, to the second: `2026-01-31 18:45:02`, in UTC. What no date can be is told as such. */
export function utc(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().slice(0, 19).replace('T', ' ');
}
