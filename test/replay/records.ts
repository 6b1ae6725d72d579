import { VirtualTimeScheduler } from 'rxjs';
import { evaluation, type EvaluationOptions } from '../../src/callbacks/index.ts';
import type { EventOf, JournalledEvent, RunEvent } from '../../src/events/index.ts';
import { fakeExecutor, fakeTrainer, VirtualClock, type FakeExecutorOptions } from '../../src/testing/index.ts';

type Script = Parameters<typeof fakeExecutor>[0];

export interface RecordPlan {
  readonly epochs?: number;
  /** How long an epoch takes, in ms. */
  readonly epochMs?: number;
  readonly script: Script;
  readonly executor?: Partial<FakeExecutorOptions>;
  readonly evaluation?: Partial<EvaluationOptions<unknown, unknown>>;
  readonly journal?: string;
  readonly runId?: string;
}

/** The events of a run that a real Trainer told in virtual time, as its journal has them: one evaluation, "vs", at each epoch's end. */
export async function recordOf({
  epochs = 1,
  epochMs = 10_000,
  script,
  executor,
  evaluation: options,
  ...trainer
}: RecordPlan): Promise<JournalledEvent[]> {
  const clock = new VirtualClock();
  const { register, run } = fakeTrainer(
    Array.from({ length: epochs }, () => ({ steps: 1, stepMs: epochMs, metrics: { loss: 1 } })),
    { clock, ...trainer },
  );
  const work = fakeExecutor(script, { clock, ...executor } as FakeExecutorOptions);
  register(evaluation({ name: 'vs', every: 1, executor: work, ...options } as EvaluationOptions<unknown, unknown>));
  const { events } = await run();
  return events.filter((event) => event.type !== 'step');
}

/** What a marble says, for a stream that a virtual scheduler drives: `[moment, value]`, and the moment of the completion. */
export interface Heard<T> {
  readonly told: readonly (readonly [ms: number, value: T])[];
  readonly completedMs: number | undefined;
}

/** Runs virtual time to its end and gives what each stream told. */
export function heardIn<T>(
  scheduler: VirtualTimeScheduler,
  streams: readonly import('rxjs').Observable<T>[],
): readonly Heard<T>[] {
  const heard = streams.map((stream$) => {
    const told: (readonly [number, T])[] = [];
    const one: { told: typeof told; completedMs: number | undefined } = { told, completedMs: undefined };
    stream$.subscribe({
      next: (value) => told.push([scheduler.now(), value]),
      complete: () => (one.completedMs = scheduler.now()),
    });
    return one;
  });
  scheduler.flush();
  return heard;
}

export function endsOf(events: readonly RunEvent[]): EventOf<'evaluation:end'>[] {
  return events.filter((event) => event.type === 'evaluation:end');
}
