import { inspect } from 'node:util';
import { figure } from '../words/index.ts';

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
  if (typeof value === 'number') return figure(value);
  if (value === null) return 'unmeasured';
  if (typeof value === 'string') return value;
  return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 80 });
}

/** `412 ms`, `1.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${figure(ms)} ms`;
  if (ms < 60_000) return `${figure(Math.round(ms / 100) / 10)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
