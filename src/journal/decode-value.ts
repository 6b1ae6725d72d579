import { unescapedKey } from './tags.ts';

/**
 * Turns the tagged values of a parsed line back into what they were: NaN and infinities, bigints, dates, maps and sets.
 *
 * `{ $array, length, sha256 }` and `{ $omitted }` stay as they are. It changes the value that it is given.
 */
export function decodeValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return decodeList(value);
  const object = value as Record<string, unknown>;
  const keys = Object.keys(object);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only?.startsWith('$') === true) {
    const revived = revive(only, object[only]);
    if (revived !== undefined) return revived.value;
  }
  for (const key of keys) object[key] = decodeValue(object[key]);
  // Built by fromEntries and not by assignment, so that a key "__proto__" stays a key.
  return keys.some((key) => key.startsWith('$$'))
    ? Object.fromEntries(keys.map((key) => [unescapedKey(key), object[key]]))
    : object;
}

function decodeList(values: unknown[]): unknown[] {
  for (let index = 0; index < values.length; index++) values[index] = decodeValue(values[index]);
  return values;
}

/** What is no such tag is nobody's business here: it is given back as it stands. */
function revive(tag: string, content: unknown): { readonly value: unknown } | undefined {
  switch (tag) {
    case '$number':
      return content === 'NaN' || content === 'Infinity' || content === '-Infinity'
        ? { value: Number(content) }
        : undefined;
    case '$bigint':
      return typeof content === 'string' && /^-?\d+$/.test(content) ? { value: BigInt(content) } : undefined;
    case '$date':
      return typeof content === 'string' || content === null ? { value: new Date(content ?? NaN) } : undefined;
    case '$set':
      return Array.isArray(content) ? { value: new Set(decodeList(content)) } : undefined;
    case '$map':
      return Array.isArray(content) && content.every((pair) => Array.isArray(pair) && pair.length === 2)
        ? { value: new Map(decodeList(content) as [unknown, unknown][]) }
        : undefined;
    default:
      return undefined;
  }
}
