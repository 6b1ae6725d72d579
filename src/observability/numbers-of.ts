/** The numbers of an object by their names, or the number itself under the name `value`; of anything else, a list too, none. */
export function numbersOf(value: unknown): [string, number][] {
  if (typeof value === 'number') return [['value', value]];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
}
