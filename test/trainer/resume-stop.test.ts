import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, map, merge, NEVER } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  defineCallback,
  earlyStopping,
  evaluation,
  stop,
  type Callback,
  type EvaluationOptions,
  type EvaluationRequest,
} from '../../src/callbacks/index.ts';
import type { EventOf, JournalledEvent, RunEventType } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { createRng } from '../../src/games/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { everyEpochs, type Trigger } from '../../src/operators/index.ts';
import { toConserve } from '../../src/testing/to-conserve.ts';
import { Trainer, type Epoch, type Outcome, type TrainerOptions } from '../../src/trainer/index.ts';
import { linesOf, Resumable } from './resumable.ts';

let root: string;
let saved: Resumable;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-stop-'));
  saved = new Resumable(join(root, 'weights'));
});

afterEach(() => rm(root, { recursive: true }));

const options = { name: 'training', epochs: 6 };
const runFolder = () => join(root, '.pitwall', 'run');
const turn = () => new Promise((resolve) => setImmediate(resolve));
const winRates = [0.5, 0.8, 0.7, 0.7, 0.7, 0.7];

/** An evaluation that outlasts an epoch, so that one runs and others wait wherever the run is stopped. */
function vs(more: Partial<EvaluationOptions<EvaluationRequest, unknown>> = {}) {
  return evaluation({
    name: 'vs',
    every: 1,
    overlap: 'queue',
    sla: false,
    executor: inlineExecutor(async ({ epoch }: EvaluationRequest, { signal }) => {
      for (let turns = 0; turns < 9; turns++) {
        await turn();
        signal.throwIfAborted();
      }
      return { winRate: winRates[epoch - 1] };
    }),
    ...more,
  } as EvaluationOptions<EvaluationRequest, { winRate: number }>);
}
const hanging = (more: object = {}) => vs({ executor: () => NEVER, ...more });

/** Runs it from where it stands, with somebody who may do something in the second step of an epoch. */
async function train(
  trainer: Trainer,
  callbacks: readonly Callback[],
  inStep: (epoch: number) => unknown = () => undefined,
): Promise<Outcome> {
  for (const callback of callbacks) trainer.register(callback);
  return trainer.fit(async (epoch: Epoch) => {
    const before = epoch.resumedAtStep ?? (epoch.epoch - 1) * 3;
    for (let step = before + 1; step <= epoch.epoch * 3; step++) {
      await epoch.step(() => (step % 3 === 2 ? void inStep(epoch.epoch) : undefined));
      if (step % 3 === 2) await epoch.checkpoint(await saved.save(epoch.epoch, step));
    }
    await epoch.checkpoint(await saved.save(epoch.epoch, epoch.epoch * 3));
  });
}

/** A run that somebody has stopped in an epoch, from its beginning to its end. */
async function stopped(
  callbacks: readonly Callback[],
  { inEpoch = 4, ...more }: Partial<TrainerOptions> & { readonly inEpoch?: number } = {},
): Promise<readonly string[]> {
  const trainer = new Trainer({ ...options, journal: join(root, '.pitwall'), runId: 'run', ...more });
  await train(trainer, callbacks, (epoch) => {
    if (epoch === inEpoch) trainer.stop('Ctrl-C');
  });
  return linesOf(runFolder());
}

const cutAt = (lines: readonly string[], count: number) =>
  writeFile(join(runFolder(), 'events.jsonl'), lines.slice(0, count).join(''));
const resumed = (more: object = {}): Promise<Trainer> =>
  Trainer.resume('run', { ...options, journal: join(root, '.pitwall'), ...more });

function eventsOf<Type extends RunEventType>(events: readonly JournalledEvent[], type: Type): EventOf<Type>[] {
  return (events as readonly { readonly type: string }[]).filter(
    (event): event is EventOf<Type> => event.type === type,
  );
}
/** The epochs of the evaluations that were completed, in the order of their ends. */
const completedIn = (events: readonly JournalledEvent[]) =>
  eventsOf(events, 'evaluation:end').flatMap(({ status, epoch }) => (status === 'completed' ? [epoch] : []));

describe('a run that was stopped, and killed before its end', () => {
  it('tells which evaluations the stop has cost', async () => {
    await stopped([hanging({ executor: inlineExecutor(() => new Promise(() => undefined)), graceMs: 1 })]);

    const events = await readJournal(runFolder());
    expect(eventsOf(events, 'evaluation:end')).toMatchObject([
      { epoch: 1, status: 'cancelled', stopped: true, error: { code: 'CANCELLED' } },
    ]);
    expect(eventsOf(events, 'evaluation:skipped')).toMatchObject([
      { epoch: 2, reason: 'stopping', stopped: true },
      { epoch: 3, reason: 'stopping', stopped: true },
    ]);
  });

  it('asks for them again when it goes on, wherever it was killed', async () => {
    const lines = await stopped([vs()]);
    const from = lines.findIndex((line) => line.includes('"stopped":true')) - 2;
    expect(lines.length - from).toBeGreaterThan(5);

    for (let count = from; count < lines.length; count++) {
      await cutAt(lines, count);
      const outcome = await train(await resumed(), [vs()]);

      expect(outcome).toMatchObject({ status: 'completed', epochs: 6 });
      const [standing, all] = [await readJournal(runFolder()), await readJournal(runFolder(), { all: true })];
      expect({ count, completed: completedIn(standing) }).toEqual({ count, completed: [1, 2, 3, 4, 5, 6] });
      for (const events of [standing, all]) expect(toConserve(events)).toMatchObject({ pass: true });
    }
  }, 60_000);

  it('asks for them again once, however often it is killed and stopped again', async () => {
    const when: Trigger = (events$) => merge(everyEpochs(1)(events$), everyEpochs(2)(events$));
    const twice = () => vs({ every: undefined, when });
    const rng = createRng(2_028);
    const whole = await stopped([twice()]);

    for (let chain = 0; chain < 8; chain++) {
      let lines = whole;
      const cuts: number[] = [];
      for (let link = 0; link < 5; link++) {
        const resumedAt = lines.findLastIndex((line) => line.includes('"type":"run:resume"'));
        cuts.push(Math.max(1, resumedAt) + Math.floor(rng() * (lines.length - 1 - Math.max(1, resumedAt))));
        await cutAt(lines, cuts.at(-1)!);
        const trainer = await resumed();
        const stopIn = Math.floor(rng() * 9);
        await train(trainer, [twice()], (epoch) => {
          if (epoch >= stopIn) trainer.stop('again');
        });
        lines = await linesOf(runFolder());
      }
      await cutAt(lines, lines.length - 1);
      await train(await resumed(), [twice()]);

      const [standing, all] = [await readJournal(runFolder()), await readJournal(runFolder(), { all: true })];
      expect({ cuts, completed: completedIn(standing).toSorted() }).toEqual({
        cuts,
        completed: [1, 2, 2, 3, 4, 4, 5, 6, 6],
      });
      for (const events of [standing, all]) expect(toConserve(events)).toMatchObject({ pass: true });
    }
  }, 60_000);

  it('judges what it would have judged without the stop', async () => {
    const callbacks = () => {
      const evaluated = vs();
      return [evaluated, earlyStopping({ on: evaluated, metric: 'winRate', patience: 3 })];
    };
    const lines = await stopped(callbacks());
    await cutAt(lines, lines.length - 1);
    const epochs = 60; // it is still training when the evaluations that were stopped are judged

    expect(await train(await resumed({ epochs, allowChanged: true }), callbacks())).toMatchObject({
      status: 'stopped',
      reason: '"winRate" of "vs" has not been better than 0.8, of epoch 2, for 3 evaluations',
    });
  });

  it('gives them the checkpoint of their epoch', async () => {
    const lines = await stopped([hanging()]);
    await cutAt(lines, lines.length - 1);
    const asked: EvaluationRequest[] = [];
    const input = (request: EvaluationRequest) => {
      asked.push(request);
      return request;
    };
    await train(await resumed(), [vs({ input })]);

    const expected = [1, 2, 3, 4, 5, 6].map((epoch) => ({ epoch, step: epoch * 3, resumed: epoch < 4 }));
    expect(asked).toMatchObject(expected);
    expect(asked.slice(0, 3).map(({ checkpoint }) => checkpoint?.path)).toEqual(
      [1, 2, 3].map((epoch) => join(saved.folder, `weights-${epoch}-${epoch * 3}`)),
    );
  });

  it('asks for them also where all epochs are done', async () => {
    const trainer = new Trainer({ ...options, journal: join(root, '.pitwall'), runId: 'run' });
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 6) trainer.stop('Ctrl-C');
    });
    await train(trainer, [hanging({ atEnd: true })]);
    const lines = await linesOf(runFolder());
    await cutAt(lines, lines.length - 1);
    await train(await resumed(), [vs({ atEnd: true })]);

    expect(completedIn(await readJournal(runFolder()))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ['where onResume is cancel', { onResume: 'cancel' as const }, false],
    ['where their checkpoint is gone', {}, true],
  ])('does not ask for them again %s', async (_, more, isGone) => {
    const lines = await stopped([hanging(more)]);
    await cutAt(lines, lines.length - 1);
    if (isGone) for (const epoch of [1, 2, 3]) await unlink(join(saved.folder, `weights-${epoch}-${epoch * 3}`));
    await train(await resumed(), [vs(more)]);

    expect(completedIn(await readJournal(runFolder()))).toEqual([4, 5, 6]);
  });

  it('leaves what the program itself has cancelled, and what was overtaken', async () => {
    const slow = inlineExecutor(async (_: EvaluationRequest, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      for (let turns = 0; turns < 3; turns++) await turn(); // the stop comes while it ends
      throw signal.reason as Error;
    });
    const mine = vs({ name: 'mine', executor: slow });
    const overtaken = hanging({ name: 'overtaken', overlap: 'cancel' });
    const gone = hanging({ name: 'gone' });
    const trainer = new Trainer({ ...options, journal: join(root, '.pitwall'), runId: 'run' });
    const { unregister } = trainer.register(gone);
    await train(trainer, [mine, overtaken], (epoch) => {
      if (epoch !== 4) return;
      mine.cancel('it is not needed');
      unregister();
      trainer.stop('Ctrl-C');
    });
    const told = eventsOf(await readJournal(runFolder()), 'evaluation:end').map((end) => [
      end.name,
      end.epoch,
      end.stopped,
    ]);
    expect(told.toSorted()).toEqual([
      ['gone', 1, undefined],
      ['mine', 1, undefined],
      ['mine', 2, undefined],
      ['mine', 3, undefined],
      ['overtaken', 1, undefined],
      ['overtaken', 2, undefined],
      ['overtaken', 3, true],
    ]);

    const lines = await linesOf(runFolder());
    await cutAt(lines, lines.length - 1);
    const again = ['mine', 'gone', 'overtaken'].map((name) => vs({ name }));
    await train(await resumed({ allowChanged: true }), again);
    const standing = await readJournal(runFolder());
    const completed = eventsOf(standing, 'evaluation:end').filter(
      ({ status, epoch }) => status === 'completed' && epoch < 4,
    );
    expect(completed.map(({ name, epoch }) => [name, epoch])).toEqual([['overtaken', 3]]);
  });

  it('leaves what a drain has cancelled', async () => {
    const lines = await stopped([hanging()], { inEpoch: 7, drain: 'cancel' });
    await cutAt(lines, lines.length - 1);
    await train(await resumed({ drain: 'cancel' }), [vs()]);

    expect(completedIn(await readJournal(runFolder()))).toEqual([]);
  });

  it.each([
    ['before it', true],
    ['after it', false],
  ])('leaves them where the stop of a callback is in force, registered %s', async (_, isFirst) => {
    const enough = () =>
      defineCallback('enough', (run) =>
        run.events$.pipe(
          filter((event) => (event.type === 'epoch:end' && event.epoch === 4) || event.type === 'run:resume'),
          map(() => stop('it is good enough')),
        ),
      );
    const callbacks = (of: Callback) => (isFirst ? [enough(), of] : [of, enough()]);
    const trainer = new Trainer({ ...options, journal: join(root, '.pitwall'), runId: 'run' });
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 4) trainer.stop('Ctrl-C');
    });
    await train(trainer, callbacks(hanging({ atEnd: true })));
    const lines = await linesOf(runFolder());
    await cutAt(lines, lines.length - 1);

    expect(await train(await resumed(), callbacks(hanging({ atEnd: true })))).toMatchObject({
      status: 'stopped',
      reason: 'it is good enough',
      epochs: 4,
      evaluations: { completed: 0 },
    });
    const events = await readJournal(runFolder());
    const resumedAt = events.findIndex(({ type }) => type === 'run:resume');
    expect(eventsOf(events.slice(resumedAt), 'evaluation:requested')).toEqual([]);
  });
});
