/** Says a value in a few characters: `"30m"`, `-1`, `NaN`, `a function`, `an object`. */
export function told(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const type = value.constructor as { name?: string } | undefined;
  if (type?.name === undefined || type.name === 'Object') return 'an object';
  return `${/^[AEIOU]/.test(type.name) ? 'an' : 'a'} ${type.name}`;
}
