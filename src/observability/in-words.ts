import { inspect } from 'node:util';
import { clipped, figure, inWords } from '../words/index.ts';
import { firstKeys, leftOut, trimmed } from './trimmed.ts';

const mostEntries = 8;

/** Longer than any line is. */
const longestText = 500;

/** `winRate 0.85, wins 17`: the first eight, however many there are. */
export function entries(values: Readonly<Record<string, unknown>>): string {
  const keys = firstKeys(values, mostEntries + 1);
  const told = keys.slice(0, mostEntries).map((key) => `${clipped(key, longestText)} ${glimpse(values[key])}`);
  return [...told, ...(keys.length > mostEntries ? ['…'] : [])].join(', ');
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
  if (typeof value === 'string') return clipped(value, longestText);
  const options = { depth: 1, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 80 };
  return inspect(trimmed(value), options).replaceAll(`'${leftOut}': undefined`, leftOut);
}

/** `412 ms`, `8.074 ms`, `1.2 s`, `3 min 20 s`, `2 h`: finer than {@link inWords} below a second, as steps are. */
export function duration(ms: number): string {
  if (Number(figure(ms)) < 1000) return `${figure(ms)} ms`;
  const seconds = Math.round(ms / 100) / 10;
  return seconds < 60 ? `${seconds} s` : inWords(ms, 'ms');
}
