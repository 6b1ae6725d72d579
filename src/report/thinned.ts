/**
 * Picks the places of at most `most` values of which a curve is drawn: of each of `most / 2` stretches the least and the greatest, so
 * that no peak is lost, and always the first and the last. Gaps (`null`) are picked only where a stretch has nothing else.
 *
 *     values   1 1 9 1 1 1 0 1
 *     picked   ^   ^       ^ ^     of 4
 *
 * @returns places in order, each once.
 */
export function thinned(values: readonly (number | null)[], most: number): readonly number[] {
  const { length } = values;
  if (length <= most) return values.map((_, place) => place);
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const picked = new Set<number>([0]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const place of extremes(values, from, to)) picked.add(place);
  }
  picked.add(length - 1);
  return [...picked];
}

/** The places of the least and the greatest, the earlier first. */
function extremes(values: readonly (number | null)[], from: number, to: number): readonly number[] {
  let least = from;
  let greatest = from;
  for (let place = from; place < to; place++) {
    const value = values[place] ?? null;
    if (value === null) continue;
    const low = values[least] ?? null;
    const high = values[greatest] ?? null;
    if (low === null || value < low) least = place;
    if (high === null || value > high) greatest = place;
  }
  return least <= greatest ? [least, greatest] : [greatest, least];
}

/** Picks at most `most` of a list, evenly spread, the first and the last always. */
export function spread<T>(values: readonly T[], most: number): readonly T[] {
  if (values.length <= most) return values;
  if (most <= 1) return values.slice(0, most);
  return Array.from(
    { length: most },
    (_, place) => values[Math.round((place * (values.length - 1)) / (most - 1))] as T,
  );
}
