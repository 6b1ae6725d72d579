import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import { lastStep } from '../operators/last-step.ts';
import type { Callback } from './callback.ts';
import { nameOption } from './name-option.ts';
import { notFiniteIn } from './not-finite-in.ts';
import { stopWhen } from './stop-when.ts';

/** Options of {@link terminateOnNaN}. */
export interface TerminateOnNaNOptions {
  /** The names of those that are watched. By default every metric that is a number, of the steps and of the epochs. */
  readonly metrics?: readonly string[] | undefined;
  /** Its name in the run: `terminateOnNaN` by default. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  metrics: z
    .array(z.string().min(1).describe('the name of a metric'))
    .nonempty()
    .describe("an array of metrics' names")
    .optional(),
  name: nameOption.default('terminateOnNaN'),
});

/**
 * Ends the training when a metric is NaN or infinite: what has come to that does not come back, and the rest of the night is lost.
 *
 *     events$          -5-4-n-     (step or epoch:end, by its loss; n: NaN)
 *     terminateOnNaN   -----(s|)
 *
 * It looks at what a step's function gives back as a plain object (`{ loss }`), and at the metrics of `epoch:end`. What is no
 * number is not looked at, and `null` or a metric that is missing is unknown, not NaN. Name the metrics where one of them may
 * well be infinite. The outcome's reason tells which it was, its value, its epoch and step.
 *
 * It ends the training and nothing else: evaluations that run are drained, and no checkpoint is touched.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(terminateOnNaN());
 * trainer.register(terminateOnNaN({ metrics: ['loss', 'gradientNorm'] }));
 */
export function terminateOnNaN(options: TerminateOnNaNOptions = {}): Callback {
  const { metrics: watched, name } = parseOptions(optionsSchema, options, 'The options of terminateOnNaN');
  return {
    name,
    config: watched === undefined ? {} : { metrics: watched },
    connect: (run) => {
      let reason: string | undefined;
      let rememberedStep = 0; // the journal has no steps, but for what is told of them
      return stopWhen(run, (event, isLive) => {
        if (!isLive) rememberedStep = lastStep(rememberedStep, event);
        if (event.type === 'step') return event.metrics && inStep(notFiniteIn(event.metrics, watched), event);
        if (event.type === 'epoch:end') {
          const found = notFiniteIn(event.metrics, watched);
          const step = isLive ? run.state.step : rememberedStep;
          reason = found && `${found} at the end of epoch ${event.epoch}, after step ${step}`;
        }
        return reason;
      });
    },
  };
}

function inStep(found: string | undefined, { epoch, step }: { readonly epoch: number; readonly step: number }) {
  return found && `${found} in step ${step}, of epoch ${epoch}`;
}
