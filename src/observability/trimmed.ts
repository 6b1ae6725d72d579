/** So many entries of an object are looked at, and so many elements of an array, in so many layers of them. */
const mostEntries = 8;
const mostElements = 3;
const layers = 2;

/** Stands for the entries that are left out: a key without a value. */
export const leftOut = '…';

/** A copy of plain data that is small, however large the data is, with the same cycles; what else there is stays as it is. */
export function trimmed(value: unknown, depth = layers, copies = new Map<object, object>()): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  const present = copies.get(value);
  if (present !== undefined) return present;
  const prototype: unknown = Object.getPrototypeOf(value);
  const inner = (each: unknown): unknown => trimmed(each, depth - 1, copies);
  if (prototype === Array.prototype) {
    const copy: unknown[] = [];
    copies.set(value, copy);
    const elements = value as readonly unknown[];
    for (const each of elements.slice(0, mostElements)) copy.push(inner(each));
    copy.length = elements.length; // so that it is told how many there are
    return copy;
  }
  if (prototype !== Object.prototype) return value;
  const copy = {};
  copies.set(value, copy);
  for (const key of firstKeys(value, mostEntries + 1)) {
    const isLeftOut = Object.keys(copy).length === mostEntries;
    const described = isLeftOut ? {} : Object.getOwnPropertyDescriptor(value, key);
    const trimmedOne = described !== undefined && 'value' in described ? { value: inner(described.value) } : {};
    Object.defineProperty(copy, isLeftOut ? leftOut : key, { ...described, ...trimmedOne, enumerable: true });
  }
  return copy;
}

/** The first keys of an object's own, without a list of all. */
export function firstKeys(value: object, most: number): string[] {
  const keys: string[] = [];
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    keys.push(key);
    if (keys.length === most) break;
  }
  return keys;
}
