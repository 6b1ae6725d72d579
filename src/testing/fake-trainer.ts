import type { RunEvent } from '../events/index.ts';
import { Trainer, type Epoch, type Outcome, type Registrable, type TrainerOptions } from '../trainer/index.ts';
import { wholeEpochs, type FakeEpochs, type WholeFakeEpoch } from './fake-epochs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Options of {@link fakeTrainer}: a Trainer's, but for those that the script decides. Without `journal` none is kept. */
export interface FakeTrainerOptions extends Partial<Omit<TrainerOptions, 'epochs' | 'clock'>> {
  /** By default one of its own. */
  readonly clock?: VirtualClock;
}

/** How a fake training has ended, and every event of it. */
export interface FakeTraining {
  readonly outcome: Outcome;
  readonly events: readonly RunEvent[];
}

/** A training that is a script, with a real Trainer behind it. */
export interface FakeTrainer<M extends object> {
  readonly trainer: Trainer<M>;
  readonly clock: VirtualClock;
  /** Every event so far, `step` too. */
  readonly events: readonly RunEvent[];
  /** Adds a callback, as `trainer.register` does. */
  register(this: void, callback: Registrable<M>): { readonly unregister: () => void };
  /**
   * Runs the whole script with all that is registered, in virtual time.
   *
   * @throws what the script throws, as `trainer.fit` does; `VIRTUAL_TIME_STUCK` when the run comes to no end.
   */
  run(this: void): Promise<FakeTraining>;
}

/**
 * Makes a training out of a script: a real Trainer, whose steps take virtual time. Eight hours of it pass in a moment.
 *
 * @param epochs how many, or what each of them does
 * @throws {ConfigurationError} one sentence about the first mistake in script or options.
 *
 * @example
 * const { clock, register, run } = fakeTrainer([{ metrics: { loss: 1 } }, { steps: 100, metrics: { loss: NaN } }]);
 * const executor = fakeExecutor([{ atMs: 500, result: { winRate: 0.6 } }], { clock });
 * register(evaluation({ name: 'vs-random', every: 1, executor, input: ({ epoch }) => epoch }));
 * const { outcome, events } = await run();
 */
export function fakeTrainer<M extends object = Record<string, unknown>>(
  epochs: FakeEpochs,
  { clock = new VirtualClock(), ...options }: FakeTrainerOptions = {},
): FakeTrainer<M> {
  const script = wholeEpochs(epochs);
  const trainer = new Trainer<M>({ name: 'fake', journal: false, ...options, epochs: script.length, clock });
  const events: RunEvent[] = [];
  // The stream never errors, and completes with the run.
  const recording = trainer.events$.subscribe({
    next: (event) => events.push(event),
    error: () => undefined,
  });

  const train = async (epoch: Epoch): Promise<M> => {
    const { steps, stepMs, stepMetrics, ...end } = epochOf(script, epoch);
    for (let step = 1; step <= steps; step++)
      await epoch.step(async () => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, stepMs));
        return stepMetrics?.(step);
      });
    if ('throws' in end) throw end.throws;
    return end.metrics as M;
  };
  return {
    trainer,
    clock,
    events,
    register: (callback) => trainer.register(callback),
    run: async () => {
      const outcome = await clock.runUntil(trainer.fit(train as never)).finally(() => {
        recording.unsubscribe();
      });
      return { outcome, events };
    },
  };
}

/** The trainer runs as many epochs as the script has. */
function epochOf(script: readonly WholeFakeEpoch[], { epoch }: Epoch): WholeFakeEpoch {
  const found = script[epoch - 1];
  if (found === undefined) throw new RangeError(`The script has no epoch ${epoch}`);
  return found;
}
