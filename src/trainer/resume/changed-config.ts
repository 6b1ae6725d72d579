import { inspect, isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '../../errors/index.ts';

/** What `run:start` and `run:resume` tell of how a run was made. */
export interface RunConfig {
  readonly epochs: number;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Looks whether a run is resumed with what it was begun with. Where its journal lies does not matter, and callbacks that tell nothing
 * of themselves may come and go.
 *
 * @throws {ConfigurationError} that tells what has changed.
 */
export function requireUnchanged(before: RunConfig, now: RunConfig): void {
  const changes = changesOf('', comparable(before), comparable(now));
  if (changes.length === 0) return;
  const shown = changes.slice(0, 5).join(', ') + (changes.length > 5 ? `, and ${changes.length - 5} more` : '');
  throw new ConfigurationError(
    `The run is to go on with another configuration than it was begun with: ${shown}. Set it as it was, or resume with { allowChanged: true }.`,
  );
}

/** In the form that a journal gives back, where `undefined` and functions are not. */
function comparable({ epochs, config }: RunConfig): Record<string, unknown> {
  const { callbacks = {}, ...settings } = asTold(config) as Record<string, unknown>;
  const told = Object.entries(callbacks as Record<string, object>).filter(([, made]) => Object.keys(made).length > 0);
  return { ...settings, journal: undefined, epochs, callbacks: Object.fromEntries(told) };
}

function asTold(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTold);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined && typeof field !== 'function');
  return Object.fromEntries(fields.map(([key, field]) => [key, asTold(field)]));
}

function changesOf(path: string, before: unknown, now: unknown): string[] {
  if (isDeepStrictEqual(before, now)) return [];
  if (!isRecord(before) || !isRecord(now)) return [`${path}: ${inWords(before)} -> ${inWords(now)}`];
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].flatMap((key) => changesOf(path === '' ? key : `${path}.${key}`, before[key], now[key]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  if (value === undefined) return 'none';
  const text =
    typeof value === 'string' ? JSON.stringify(value) : inspect(value, { breakLength: Infinity, compact: true });
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
