import { concatMap, defer, filter, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import { functionGiven } from './function-given.ts';

export interface BoundedBufferOptions<T> {
  /** How many values may wait while one is worked on: a whole number from 1 on. */
  readonly size: number;
  /** Told of each value that found no room, with how many that makes. */
  readonly onDropped?: (value: T, droppedSoFar: number) => void;
}

const optionsSchema = z.strictObject({
  size: z.int().positive().describe('a whole number of values, from 1 on'),
  onDropped: z
    .custom((value) => typeof value === 'function')
    .describe('a function of the value')
    .optional(),
});

/**
 * Works on one value at a time, as `concatMap` does, with a bounded queue before it: what finds no room is dropped and told.
 *
 *     source$                         -abcd------|
 *     project                          x---y|          (takes 5 frames each)
 *     boundedBuffer(…, { size: 1 })   -x---yx---y|     (a, b; c and d are dropped)
 *
 * Completes when the source has completed and the queue is empty; the error of the source or of an inner ends it at once, and
 * so does what `project` or `onDropped` throws.
 *
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function boundedBuffer<T, Inner extends ObservableInput<unknown>>(
  project: (value: T) => Inner,
  options: BoundedBufferOptions<T>,
): OperatorFunction<T, ObservedValueOf<Inner>> {
  functionGiven(
    project,
    'boundedBuffer(project, options) takes a function of the value',
    'boundedBuffer((point) => evaluate(point), { size: 64 })',
  );
  parseOptions(optionsSchema, options, 'The options of boundedBuffer');
  const { size, onDropped } = options;
  return (source$) =>
    defer(() => {
      let waiting = 0;
      let dropped = 0;
      return source$.pipe(
        filter((value) => {
          if (waiting < size) {
            waiting++; // until concatMap takes it, which is at once when nothing is worked on
            return true;
          }
          onDropped?.(value, ++dropped);
          return false;
        }),
        concatMap((value) => {
          waiting--;
          return project(value);
        }),
      );
    });
}
