/**
 * Finds the candidate that was probably meant: the nearest by edit distance, if at most a third of its letters differ, or else the
 * nearest that begins with the word.
 *
 * @returns the candidate, or `undefined` when none is near.
 */
export function nearMatch(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const byDistance = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const [nearest] = byDistance;
  if (nearest !== undefined && nearest.distance <= Math.max(2, Math.ceil(nearest.candidate.length / 3)))
    return nearest.candidate;
  // Half a name is far from the whole one, and nearer to others that are short.
  return word.length < 3
    ? undefined
    : byDistance.find(({ candidate }) => candidate.toLowerCase().startsWith(wanted))?.candidate;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
