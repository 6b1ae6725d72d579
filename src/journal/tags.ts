/**
 * What JSON cannot hold is written as an object with one of these keys (`$array` has two more beside it):
 *
 * - `{ "$number": "NaN" | "Infinity" | "-Infinity" }`
 * - `{ "$bigint": "123" }`
 * - `{ "$date": "2026-01-01T00:00:00.000Z" | null }`, `null` for an invalid date
 * - `{ "$map": [[key, value], …] }`, `{ "$set": [value, …] }`
 * - `{ "$array": "Float32Array", "length": 3, "sha256": "…" }`: what a typed array was, never its data
 * - `{ "$omitted": "why" }`: what cannot be written at all
 */
const tags = ['$number', '$bigint', '$date', '$map', '$set', '$array', '$omitted'] as const;

/** Any of them, with any number of `$`. */
const looksLikeTag = new RegExp(`^\\$+(?:${tags.map((tag) => tag.slice(1)).join('|')})$`);

/** Gives a key that could be taken for a tag one more `$`, so that a user's own `$number` stays his own. */
export function escapedKey(key: string): string {
  return key.startsWith('$') && looksLikeTag.test(key) ? `$${key}` : key;
}

/** Undoes {@link escapedKey}. */
export function unescapedKey(key: string): string {
  return key.startsWith('$$') && looksLikeTag.test(key) ? key.slice(1) : key;
}
