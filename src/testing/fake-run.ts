import {
  asyncScheduler,
  concat,
  concatMap,
  defer,
  from,
  ignoreElements,
  map,
  of,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { z } from 'zod';
import { afterMs } from '../clock/index.ts';
import { parseOptions, reasonOf } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { wholeEpochs, type FakeEpochs } from './fake-epochs.ts';
import { runEvent, type RunEventSketch } from './run-event.ts';

const optionsSchema = z.strictObject({
  name: z.string().default('fake'),
  runId: z.string().default('run'),
  scheduler: z.custom<SchedulerLike>().optional(),
});

/**
 * Tells a training that is a script as the events of its run, without a trainer: what a trigger or an operator is tested with.
 *
 *     fakeRun([{ steps: 2, stepMs: 3 }], { scheduler })     (Re)--s--(se)(TE|)    (run:start, epochs, steps, the two ends)
 *
 * Cold: each subscriber has the run from its start, in the time of the scheduler. Completes after `run:end`. With `throws` in its
 * script the run ends there, as `failed`.
 *
 * @param epochs how many, or what each of them does
 * @throws {ConfigurationError} one sentence about the first mistake in script or options.
 */
export function fakeRun(
  epochs: FakeEpochs,
  options: { readonly name?: string; readonly runId?: string; readonly scheduler?: SchedulerLike } = {},
): Observable<RunEvent> {
  const { name, runId, scheduler = asyncScheduler } = parseOptions(optionsSchema, options, 'The options of fakeRun');
  const moments = [...momentsOf(epochs, name)];
  return defer(() => {
    let seq = 0;
    return from(moments).pipe(
      concatMap(({ waitMs, sketch }) =>
        waitMs === 0 ? of(sketch) : concat(afterMs(waitMs, scheduler).pipe(ignoreElements()), of(sketch)),
      ),
      map((sketch) =>
        runEvent({
          ...(sketch.type === 'step' ? {} : { seq: ++seq }),
          at: scheduler.now(),
          runId,
          ...sketch,
        }),
      ),
    );
  });
}

interface Moment {
  /** From the moment before. */
  readonly waitMs: number;
  readonly sketch: RunEventSketch;
}

function* momentsOf(epochs: FakeEpochs, name: string): Generator<Moment> {
  const script = wholeEpochs(epochs);
  let steps = 0;
  let ended = 0;
  let failure: { readonly error: unknown } | undefined;
  const now = (sketch: RunEventSketch): Moment => ({ waitMs: 0, sketch });

  yield now({ type: 'run:start', name, epochs: script.length });
  for (const [index, fake] of script.entries()) {
    const epoch = index + 1;
    yield now({ type: 'epoch:start', epoch });
    for (let step = 1; step <= fake.steps; step++) {
      const metrics = fake.stepMetrics?.(step);
      const told = {
        type: 'step' as const,
        epoch,
        step: ++steps,
        durationMs: fake.stepMs,
        ...(metrics && { metrics }),
      };
      yield { waitMs: fake.stepMs, sketch: told };
    }
    if ('throws' in fake) {
      failure = { error: fake.throws };
      yield now({ type: 'epoch:end', epoch, metrics: {}, interrupted: true });
      break;
    }
    ended = epoch;
    yield now({ type: 'epoch:end', epoch, metrics: fake.metrics });
  }
  yield now({ type: 'training:end', epochs: ended, steps });
  const status = failure === undefined ? ('completed' as const) : ('failed' as const);
  const error = failure && { error: { message: reasonOf(failure.error) } };
  yield now({ type: 'run:end', epochs: ended, steps, status, ...error });
}
