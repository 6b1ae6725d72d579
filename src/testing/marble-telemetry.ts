import type { RunHelpers } from 'rxjs/testing';
import type { Sample } from '../events/index.ts';
import type { ItemState, Progress } from '../sla/index.ts';
import { digit, marbleStream, valueOf, type MarbleStream } from './marble-stream.ts';

/** What a marble of `samples` stands for: MB, `null` for what could not be measured, or the fields that were. */
export type SampleValue = number | null | Partial<Sample>;

/** What one marble of `samples` is, from its number: `samples('-3-6|', (percent) => ({ cpuPercent: percent }))`. */
export type ReadSample = (value: number | null) => Partial<Sample>;

/**
 * Draws what an evaluation uses.
 *
 *     samples('-3-6-n-7|')                             3, 6, unmeasured and 7 MB
 *     samples('-a-b|', { a: 512, b: { cpuPercent: 90 } })
 *     samples('-3-6|', (value) => ({ cpuPercent: value }))
 *
 * A digit is so many MB, `n` is `null`, any other marble is what `values` says. What a sample does not tell is `null`.
 *
 * @throws {ConfigurationError} for a marble that stands for nothing.
 */
export type DrawSamples = (
  marbles: string,
  values?: Readonly<Record<string, SampleValue>> | ReadSample,
) => MarbleStream<Sample>;

export function samplesIn(hot: RunHelpers['hot']): DrawSamples {
  return (marbles, values = {}) => {
    const read: ReadSample = typeof values === 'function' ? values : (memoryMb) => ({ memoryMb });
    const given = typeof values === 'function' ? {} : values;
    return marbleStream(hot, marbles, (marble) => {
      const value = valueOf<SampleValue>(marble, given, measured, 'MB, null, or the fields of a sample');
      return sampleOf(typeof value === 'object' && value !== null ? value : read(value));
    });
  };
}

/** A whole sample: what is not given could not be measured. */
export function sampleOf(given: SampleValue): Sample {
  const told = typeof given === 'object' && given !== null ? given : { memoryMb: given };
  return { memoryMb: null, cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null, ...told };
}

function measured(marble: string): number | null | undefined {
  return marble === 'n' ? null : digit(marble);
}

/** What one marble of `progress` is, from its number: `progress('-1-2-|', (done) => ({ done, total: 9 }))`. */
export type ReadProgress = (done: number) => Progress;

/**
 * Draws how far an evaluation says it is.
 *
 *     progress('-1-2-|')
 *     progress('-a|', { a: { done: 12, total: 20, note: 'ahead' } })
 *     progress('-1-2-|', (done) => ({ done, total: 9 }))
 *
 * A digit is `done`, any other marble is what `values` says.
 *
 * @throws {ConfigurationError} for a marble that stands for nothing.
 */
export type DrawProgress = (
  marbles: string,
  values?: Readonly<Record<string, number | Progress>> | ReadProgress,
) => MarbleStream<Progress>;

export function progressIn(hot: RunHelpers['hot']): DrawProgress {
  return (marbles, values = {}) => {
    const read: ReadProgress = typeof values === 'function' ? values : (done) => ({ done });
    const given = typeof values === 'function' ? {} : values;
    return marbleStream(hot, marbles, (marble) => {
      const value = valueOf(marble, given, digit, 'how much is done, or { done, total, note }');
      return typeof value === 'number' ? read(value) : value;
    });
  };
}

/**
 * Draws the items (the games) of an evaluation: a digit is how many are done while none runs, any other marble is what `values`
 * says, and a name there is an item that begins while none is done.
 *
 *     items('a--1b-|', { a: 'game 1', b: { done: 1, running: { name: 'game 2', forMs: 0 } } })
 */
export type DrawItems = (
  marbles: string,
  values?: Readonly<Record<string, number | string | Partial<ItemState>>>,
) => MarbleStream<ItemState>;

export function itemsIn(hot: RunHelpers['hot']): DrawItems {
  return (marbles, values = {}) =>
    marbleStream(hot, marbles, (marble) =>
      itemOf(valueOf(marble, values, digit, 'how many are done, the name of one that begins, or { done, running }')),
    );
}

/** The state of the items that a number (of those done), a name (of one that begins) or some fields stand for. */
export function itemOf(value: number | string | Partial<ItemState>): ItemState {
  if (typeof value === 'number') return { done: value, running: null };
  if (typeof value === 'string') return { done: 0, running: { name: value, forMs: 0 } };
  return { done: 0, running: null, ...value };
}
