import type { Attributes } from '@opentelemetry/api';
import type { BoundedLabels } from './bounded-labels.ts';
import { numbersOf } from './numbers-of.ts';

/** Longer texts are cut: the whole is in the journal. */
const longestText = 1_000;

/** One span tells no more numbers of the user's than these. */
const mostNumbers = 32;

const bytesPerMb = 2 ** 20;

/** What is known of the given values: what is unmeasured or no number is left out, and never passes for 0. */
export function known(values: Readonly<Record<string, string | number | boolean | null | undefined>>): Attributes {
  const found: Attributes = {};
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === 'string') found[key] = cut(value);
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) found[key] = value;
  }
  return found;
}

/** The numbers in what a user tells, each under the prefix and its name; names beyond the hundredth of a run are left out. */
export function numbersUnder(prefix: string, value: unknown, labels: BoundedLabels): Attributes {
  const named = numbersOf(value)
    .slice(0, mostNumbers)
    .filter(([name]) => name !== '' && labels.value(prefix, name) === name);
  return known(Object.fromEntries(named.map(([name, number]) => [`${prefix}.${name}`, number])));
}

export function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}

/** Of milliseconds; `null` where they are not known. */
export function inSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

/** Of MB of 2^20 bytes; `null` where they are not known. */
export function inBytes(megabytes: number | null): number | null {
  return megabytes === null ? null : Math.round(megabytes * bytesPerMb);
}

/** Of percent, 1 being the whole; `null` where it is not known. */
export function asRatio(percent: number | null): number | null {
  return percent === null ? null : percent / 100;
}
