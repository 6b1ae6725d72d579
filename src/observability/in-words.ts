import { inspect } from 'node:util';

/** `winRate 0.85, wins 17`: the first eight. */
export function entries(values: Readonly<Record<string, unknown>>): string {
  const all = Object.entries(values);
  const told = all.slice(0, 8).map(([key, value]) => `${key} ${glimpse(value)}`);
  return [...told, ...(all.length > 8 ? ['…'] : [])].join(', ');
}

/** A value in a few words; of an object its entries, of the objects in it a glimpse. */
export function brief(value: unknown): string {
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return entries(value as Record<string, unknown>);
  return glimpse(value);
}

function glimpse(value: unknown): string {
  if (typeof value === 'number') return number(value);
  if (value === null) return 'unmeasured';
  if (typeof value === 'string') return value;
  return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 80 });
}

/** Four digits that mean something: 0.123456 is 0.1235, 123456.7 is 123457. */
export function number(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

/** `412 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${number(ms)} ms`;
  if (ms < 60_000) return `${number(Math.round(ms / 100) / 10)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** `1 epoch`, `2 epochs`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
