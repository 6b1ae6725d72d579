/** Writes as JSON what a record may hold, and JSON cannot: NaN and infinities, bigints, maps and sets, each in the nearest form. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => plain(each), 2);
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value];
  return value;
}
