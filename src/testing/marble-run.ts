import type { RunHelpers } from 'rxjs/testing';
import type { EventOf, RunEvent } from '../events/index.ts';
import { digit, marbleStream, valueOf, type MarbleStream } from './marble-stream.ts';
import { runEvent, type RunEventSketch } from './run-event.ts';

/**
 * Draws a run.
 *
 *     run('R-sss1-sss2-E|')
 *     run('-v-w|', { v: { type: 'checkpoint', path: 'a' }, w: { type: 'evaluation:end', result: { winRate: 0.6 } } })
 *
 * A digit is the end of that epoch, `s` the next step, `R` `run:start`, `E` `training:end`, any other marble is what `values`
 * says: a type and the fields that matter. `at` is the frame, `seq` counts from 1.
 *
 * @throws {ConfigurationError} for a marble that stands for nothing.
 */
export type DrawRun = (marbles: string, values?: Readonly<Record<string, RunEventSketch>>) => MarbleStream<RunEvent>;

export function runIn(hot: RunHelpers['hot']): DrawRun {
  return (marbles, values = {}) => {
    let epochs = 0;
    let step = 0;
    let seq = 0;
    const usual = (marble: string): RunEventSketch | undefined => {
      const epoch = digit(marble);
      if (epoch !== undefined) return { type: 'epoch:end', epoch };
      if (marble === 's') return { type: 'step', epoch: epochs + 1, step: ++step };
      if (marble === 'R') return { type: 'run:start' };
      return marble === 'E' ? { type: 'training:end', epochs, steps: step } : undefined;
    };
    return marbleStream(hot, marbles, (marble, frame) => {
      const sketch = valueOf(marble, values, usual, "{ type: 'epoch:end', … }");
      if (sketch.type === 'epoch:end') epochs = sketch.epoch ?? epochs + 1;
      const numbered = sketch.type === 'step' ? {} : { seq: ++seq };
      return runEvent({ ...numbered, at: Math.max(0, frame), ...sketch });
    });
  };
}

/** What a marble of `epochs` stands for: the epoch that ends, or fields of its `epoch:end`. */
export type EpochValue = number | Partial<Omit<EventOf<'epoch:end'>, 'type'>>;

/**
 * Draws the ends of epochs: a digit is that epoch's, any other marble is what `values` says.
 *
 *     epochs('-1-2-|')     epochs('-a-b|', { a: { epoch: 1, metrics: { loss: 0.5 } }, b: 10 })
 */
export type DrawEpochs = (marbles: string, values?: Readonly<Record<string, EpochValue>>) => MarbleStream<RunEvent>;

export function epochsIn(hot: RunHelpers['hot']): DrawEpochs {
  return drawnBy(hot, 'epoch:end', 'epoch');
}

/** What a marble of `steps` stands for: the step that is done, or fields of its event. */
export type StepValue = number | Partial<Omit<EventOf<'step'>, 'type'>>;

/**
 * Draws steps: a digit is that step of epoch 1, any other marble is what `values` says.
 *
 *     steps('-1-2-|')     steps('-a|', { a: { epoch: 2, step: 900, metrics: { loss: 0.1 } } })
 */
export type DrawSteps = (marbles: string, values?: Readonly<Record<string, StepValue>>) => MarbleStream<RunEvent>;

export function stepsIn(hot: RunHelpers['hot']): DrawSteps {
  return drawnBy(hot, 'step', 'step');
}

/** Draws events of one type, each by its number or by some fields. */
function drawnBy(
  hot: RunHelpers['hot'],
  type: 'epoch:end' | 'step',
  key: string,
): (marbles: string, values?: Readonly<Record<string, number | object>>) => MarbleStream<RunEvent> {
  return (marbles, values = {}) =>
    marbleStream(hot, marbles, (marble, frame, index) => {
      const value = valueOf<number | object>(marble, values, digit, `its ${key}, or fields of its event`);
      const fields = typeof value === 'number' ? { [key]: value } : value;
      const seq = type === 'step' ? {} : { seq: index + 1 };
      return runEvent({ type, ...seq, at: Math.max(0, frame), ...fields });
    });
}
