import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  readJournal,
  Trainer,
  type Callback,
  type Epoch,
  type EvaluationCounts,
  type EventOf,
  type JournalledEvent,
  type Outcome,
  type RunEvent,
  type RunEventType,
  type TrainerOptions,
} from '../../src/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';

/** A whole run: what it told, what it left on disk, and what lived on. */
export interface RecordedRun {
  readonly outcome: Outcome;
  /** Every event but `step`, in order. */
  readonly events: readonly JournalledEvent[];
  readonly journal: readonly JournalledEvent[];
  /** How many steps were done when the event with this `seq` was told. */
  readonly stepsAt: ReadonlyMap<number, number>;
  /** By evaluation id: its processes that were alive when its `evaluation:end` was told. */
  readonly aliveAtEnd: ReadonlyMap<string, readonly number[]>;
}

export interface RunPlan extends Partial<TrainerOptions> {
  readonly callbacks: readonly Callback[];
  /** One epoch; by default it trains until no evaluation is in flight. */
  readonly epoch?: (epoch: Epoch, trainer: Trainer) => Promise<void>;
  readonly onEvent?: (event: RunEvent, trainer: Trainer) => void;
}

/** Runs a real trainer with a journal in a folder of its own. */
export async function recordedRun({
  callbacks,
  epoch = trainUntilQuiet,
  onEvent,
  ...options
}: RunPlan): Promise<RecordedRun> {
  const journal = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  const trainer = new Trainer({ name: 'recorded', epochs: 2, journal, ...options });
  const events: JournalledEvent[] = [];
  const stepsAt = new Map<number, number>();
  const aliveAtEnd = new Map<string, number[]>();
  let steps = 0;
  trainer.events$.subscribe((event) => {
    if (event.type === 'step') steps++;
    else {
      events.push(event);
      stepsAt.set(event.seq, steps);
    }
    if (event.type === 'evaluation:end') aliveAtEnd.set(event.evaluationId, processesOf(event.evaluationId));
    onEvent?.(event, trainer);
  });
  for (const callback of callbacks) trainer.register(callback);

  const outcome = await trainer.fit((each) => epoch(each, trainer));

  return { outcome, events, journal: await readJournal(trainer.runFolder ?? ''), stepsAt, aliveAtEnd };
}

/** Steps that leave the thread free, as those on a device do, and at least ten of them. */
async function trainUntilQuiet(epoch: Epoch, trainer: Trainer): Promise<void> {
  let steps = 0;
  await trainUntil(epoch, () => ++steps > 10 && trainer.state.evaluationsInFlight.length === 0);
}

/** Steps until `isEnough`, asked before each. */
export async function trainUntil(epoch: Epoch, isEnough: () => boolean): Promise<void> {
  while (!isEnough()) await epoch.step(() => setTimeout(2));
}

/** The processes of an evaluation that are alive now, wherever they hang in the tree. */
export function processesOf(evaluationId: string): number[] {
  return processesMarked(evaluationMark, evaluationId);
}

/** A name that no other test run on this machine uses, as processes are found by it. */
export function named(name: string): string {
  return `${name}.${process.pid}`;
}

export function eventsOf<Type extends RunEventType>(
  events: readonly RunEvent[],
  type: Type,
  evaluation?: string,
): EventOf<Type>[] {
  return events.filter(
    (event): event is EventOf<Type> =>
      event.type === type && (evaluation === undefined || ('name' in event && event.name === evaluation)),
  );
}

/** What holds of every run: nothing is lost, told twice, or left alive, and the journal is the stream. */
export function expectWhole({ outcome, events, journal, aliveAtEnd }: RecordedRun): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(journal).toEqual(events);
  for (const type of ['run:start', 'training:end', 'run:end'] as const) expect(eventsOf(events, type)).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: 'run:end', evaluations: outcome.evaluations });

  const requested = eventsOf(events, 'evaluation:requested').map(({ evaluationId }) => evaluationId);
  const ended = [...eventsOf(events, 'evaluation:end'), ...eventsOf(events, 'evaluation:skipped')];
  expect(ended.map(({ evaluationId }) => evaluationId).sort()).toEqual(requested.sort());
  expect(outcome.evaluations).toEqual(countsOf(events));
  const { completed, violated, failed, cancelled, skipped } = outcome.evaluations;
  expect(outcome.evaluations.requested).toBe(completed + violated + failed + cancelled + skipped);

  expect([...aliveAtEnd.values()].flat()).toEqual([]);
  expect(requested.flatMap(processesOf)).toEqual([]);
}

function countsOf(events: readonly RunEvent[]): EvaluationCounts {
  const ends = eventsOf(events, 'evaluation:end');
  const count = (status: EventOf<'evaluation:end'>['status']): number =>
    ends.filter((end) => end.status === status).length;
  return {
    requested: eventsOf(events, 'evaluation:requested').length,
    completed: count('completed'),
    violated: count('violated'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    skipped: eventsOf(events, 'evaluation:skipped').length,
  };
}
