/** What a user tells may be as long as a table: more of it than this would hold the training up, and labels are fewer. */
const mostLookedAt = 1_000;

/**
 * The numbers of an object by their names, or the number itself under the name `value`; of anything else, a list too, none. Of an
 * object the first thousand fields are looked at.
 */
export function numbersOf(value: unknown): [string, number][] {
  if (typeof value === 'number') return [['value', value]];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return [];
  const numbers: [string, number][] = [];
  let lookedAt = 0;
  // Unlike Object.entries() this reads no field more than it tells.
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (++lookedAt > mostLookedAt) break;
    const found = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof found === 'number') numbers.push([name, found]);
  }
  return numbers;
}
