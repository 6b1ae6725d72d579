import { createHash } from 'node:crypto';
import { appendFile, cp, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, filter, find, map, NEVER, pairwise, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { defineCallback, evaluation, stop, type EvaluationOptions } from '../../src/callbacks/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { everySteps } from '../../src/operators/index.ts';
import { runEvent, VirtualClock } from '../../src/testing/index.ts';
import { Trainer, type Epoch, type ResumeOptions, type TrainerOptions } from '../../src/trainer/index.ts';
import { linesOf, Resumable } from './resumable.ts';

let root: string;
let saved: Resumable;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'resume-'));
  saved = new Resumable(join(root, 'weights'));
});

afterEach(() => rm(root, { recursive: true }));

/** Runs a training whole, and leaves of its journal what was told before the first event that `until` finds. */
async function cutOff(
  until: (event: RunEvent) => boolean,
  {
    options = {},
    register = () => undefined,
    epoch = (each) => saved.epoch(each),
  }: {
    readonly options?: Partial<TrainerOptions>;
    readonly register?: (trainer: Trainer) => void;
    readonly epoch?: (epoch: Epoch) => Promise<object>;
  } = {},
): Promise<void> {
  const journal = join(root, 'whole');
  const trainer = new Trainer({ name: 'training', epochs: 4, journal, runId: 'run', ...options });
  register(trainer);
  await trainer.fit(epoch as never);
  const events = await readJournal(join(journal, 'run'));
  const lines = await linesOf(join(journal, 'run'));
  await cp(journal, join(root, 'cut'), { recursive: true });
  const count = events.findIndex(until);
  await writeFile(join(root, 'cut', 'run', 'events.jsonl'), lines.slice(0, count).join(''));
}

async function resumed(options: Partial<ResumeOptions> = {}) {
  const trainer = await Trainer.resume('run', { name: 'training', epochs: 4, journal: join(root, 'cut'), ...options });
  const events: RunEvent[] = [];
  trainer.events$.subscribe((event) => events.push(event));
  return { trainer, events };
}

const isEnd = (epoch: number) => (event: RunEvent) => event.type === 'epoch:end' && event.epoch === epoch;
const isStart = (epoch: number) => (event: RunEvent) => event.type === 'epoch:start' && event.epoch === epoch;

describe('where a resumed run goes on', () => {
  it('is after the checkpoint at the end of an epoch', async () => {
    await cutOff(isStart(3));
    const { trainer, events } = await resumed();

    expect(trainer.state).toMatchObject({
      epoch: 2,
      step: 6,
      metrics: { loss: 0.5 },
      checkpoint: { path: join(saved.folder, 'weights-2-6') },
    });
    const begun: (number | undefined)[][] = [];
    const outcome = await trainer.fit((epoch) => {
      begun.push([epoch.epoch, epoch.resumedAtStep]);
      return saved.epoch(epoch);
    });

    expect(begun).toEqual([
      [3, undefined],
      [4, undefined],
    ]);
    expect(outcome).toMatchObject({ status: 'completed', epochs: 4, steps: 12 });
    expect(events[0]).toMatchObject({ type: 'run:resume', fromEpoch: 2, epochs: 4 });
    expect(events.filter(({ type }) => type === 'step').map((event) => 'step' in event && event.step)).toEqual([
      7, 8, 9, 10, 11, 12,
    ]);
  });

  it('is in the middle of an epoch, which is entered again', async () => {
    await cutOff(isEnd(3));
    const { trainer } = await resumed();

    expect(trainer.state).toMatchObject({
      epoch: 3,
      step: 8,
      metrics: { loss: 0.5 },
      checkpoint: { path: join(saved.folder, 'weights-3-8') },
    });
    const begun: (number | undefined)[][] = [];
    const outcome = await trainer.fit((epoch) => {
      begun.push([epoch.epoch, epoch.resumedAtStep]);
      return saved.epoch(epoch);
    });

    expect(begun).toEqual([
      [3, 8],
      [4, undefined],
    ]);
    expect(outcome).toMatchObject({ epochs: 4, steps: 12 });
  });

  it('is the beginning where there is no checkpoint', async () => {
    await cutOff(isStart(3), { epoch: (epoch) => epoch.step(() => ({ loss: 1 })) });
    const { trainer, events } = await resumed();

    expect(trainer.state).toMatchObject({ epoch: 0, step: 0, metrics: undefined });
    expect(trainer.state.checkpoint).toBeUndefined();
    expect(await trainer.fit(() => undefined)).toMatchObject({ epochs: 4, steps: 0 });
    expect(events[0]).toMatchObject({ type: 'run:resume', fromSeq: 1, fromEpoch: 0 });
    const ends = (await readJournal(join(root, 'cut', 'run'))).filter(({ type }) => type === 'epoch:end');
    expect(ends).toHaveLength(4);
  });

  it('is nothing but the end, where all epochs are done', async () => {
    await cutOff((event) => event.type === 'run:end');
    const { trainer, events } = await resumed();

    expect(await trainer.fit(() => Promise.reject(new Error('no epoch is left')))).toMatchObject({
      status: 'completed',
      epochs: 4,
      steps: 12,
    });
    expect(events.map(({ type }) => type)).toEqual(['run:resume', 'training:end', 'run:end']);
  });

  it('passes over a checkpoint that is gone or was changed, and says so', async () => {
    await cutOff(isStart(4));
    await unlink(join(saved.folder, 'weights-3-9'));
    await writeFile(join(saved.folder, 'weights-3-8'), 'the weights of another training');
    const { trainer, events } = await resumed();

    expect(trainer.state).toMatchObject({ epoch: 2, step: 6 });
    await trainer.fit((epoch) => saved.epoch(epoch));
    const told = events.flatMap((event) => (event.type === 'callback:error' ? [event] : []));
    expect(told.map(({ callback, error }) => [callback, error.message])).toEqual([
      ['resume', `The checkpoint ${join(saved.folder, 'weights-3-9')} of epoch 3 was passed over: its file is gone.`],
      [
        'resume',
        `The checkpoint ${join(saved.folder, 'weights-3-8')} of epoch 3 was passed over: its file does not hold what it held when it was told.`,
      ],
    ]);
  });

  it('tells once of a file that every epoch has written its checkpoint over', async () => {
    const path = join(root, 'latest');
    await cutOff(isStart(4), {
      epoch: async (epoch) => {
        await epoch.step(() => undefined);
        await writeFile(path, `the weights of epoch ${epoch.epoch}`);
        await epoch.checkpoint(path);
        return {};
      },
    });
    const { trainer, events } = await resumed();

    expect(trainer.state.epoch).toBe(0);
    await trainer.fit(() => undefined);
    expect(events.filter(({ type }) => type === 'callback:error')).toMatchObject([
      { error: { message: expect.stringContaining(`${path} of epoch 3 was passed over`) as string } },
    ]);
  });

  it('is begun again under its id where its start was not written whole', async () => {
    await cutOff((event) => event.type === 'run:start');
    await writeFile(join(root, 'cut', 'run', 'events.jsonl'), '{"seq":1,"type":"run:sta');
    const { trainer, events } = await resumed();

    expect(trainer.state.epoch).toBe(0);
    await trainer.fit((epoch) => saved.epoch(epoch));
    expect(events[0]).toMatchObject({ type: 'run:start', seq: 1, runId: 'run' });
  });

  it('goes on with the numbers after a gap that its journal ends with', async () => {
    await cutOff(isStart(3));
    const runFolder = join(root, 'cut', 'run');
    const seq = (await readJournal(runFolder)).length + 1;
    const gap = runEvent({ type: 'dropped', seq, runId: 'run', what: 'journal', count: 5 });
    await appendFile(join(runFolder, 'events.jsonl'), encodeLine({ ...gap, untilSeq: seq + 4 }));
    const { trainer, events } = await resumed();
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(events[0]).toMatchObject({ type: 'run:resume', seq: seq + 5 });
    expect((await readJournal(runFolder)).at(-1)).toMatchObject({ type: 'run:end', status: 'completed' });
  });

  it('takes a checkpoint that was told after its epoch for one of that epoch', async () => {
    await cutOff(isEnd(2), {
      epoch: async (epoch) => {
        await epoch.step(() => undefined);
        return {};
      },
    });
    const path = await saved.save(1, 1);
    const hash = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const runFolder = join(root, 'cut', 'run');
    const seq = (await readJournal(runFolder)).length + 1;
    const told = runEvent({ type: 'checkpoint', seq, runId: 'run', epoch: 1, step: 1, path, hash });
    await appendFile(join(runFolder, 'events.jsonl'), encodeLine(told));

    for (let time = 1; time <= 2; time++) {
      const { trainer } = await resumed();
      expect(trainer.state).toMatchObject({ epoch: 1, step: 1, checkpoint: { path } });
      const session = trainer.open();
      expect(session.epochStart()).toBe(2);
      await session.end();
      const lines = await linesOf(runFolder);
      const goesOn = lines.findLastIndex((line) => line.includes('"type":"run:resume"'));
      await writeFile(join(runFolder, 'events.jsonl'), lines.slice(0, goesOn + 1).join('')); // it is gone again
    }
  });
});

describe('callbacks in a resumed run', () => {
  it('are given the history before the present; who comes later is given none', async () => {
    await cutOff(isStart(3));
    const { trainer } = await resumed();
    const heard: Record<string, string[]> = { early: [], late: [] };
    const listener = (name: string) =>
      defineCallback(name, (run) => {
        concat(run.history$, run.events$).subscribe((event) => {
          if (event.type !== 'step') heard[name]?.push(event.type === 'epoch:end' ? `end ${event.epoch}` : event.type);
        });
      });
    trainer.register(listener('early'));
    await trainer.fit(async (epoch) => {
      if (epoch.epoch === 4) trainer.register(listener('late'));
      return saved.epoch(epoch);
    });

    expect(heard.early?.filter((told) => told.startsWith('end') || told.startsWith('run'))).toEqual([
      'run:start',
      'end 1',
      'end 2',
      'run:resume',
      'end 3',
      'end 4',
      'run:end',
    ]);
    expect(heard.late?.filter((told) => told.startsWith('end'))).toEqual(['end 4']);
  });

  it('stop nothing and emit nothing because of the history', async () => {
    await cutOff(isStart(3));
    const { trainer, events } = await resumed();
    trainer.register(
      defineCallback('eager', (run) => {
        run.history$.subscribe(() => {
          run.emit({ name: 'heard', value: 1 });
        });
        return concat(run.history$, NEVER).pipe(
          filter(({ type }) => type === 'epoch:end'),
          map(() => stop('of the past')),
        );
      }),
    );

    expect(await trainer.fit((epoch) => saved.epoch(epoch))).toMatchObject({ status: 'completed' });
    expect(events.some(({ type }) => type === 'custom')).toBe(false);
  });
});

describe('evaluations in a resumed run', () => {
  const hanging = (options: Partial<EvaluationOptions<never, unknown>> = {}) =>
    evaluation({ name: 'vs', every: 2, executor: () => NEVER, sla: false, ...options } as never);
  const isRequested = (event: RunEvent) => event.type === 'evaluation:requested';

  function answering(inputs: unknown[], options: object = {}) {
    return evaluation({
      name: 'vs',
      every: 2,
      sla: false,
      executor: inlineExecutor((input: unknown) => {
        inputs.push(input);
        return 'r';
      }),
      ...options,
    });
  }

  const cancelling = { options: { drain: 'cancel' } as const };

  it('are told as lost, and asked for again of their checkpoint', async () => {
    await cutOff(isStart(3), { ...cancelling, register: (trainer) => trainer.register(hanging()) });
    const { trainer, events } = await resumed({ drain: 'cancel', allowChanged: true });
    const inputs: unknown[] = [];
    trainer.register(answering(inputs));
    await trainer.fit((epoch) => saved.epoch(epoch));

    const told = events.filter(({ type }) => type.startsWith('evaluation:') || type.startsWith('run:'));
    expect(told.slice(0, 3)).toMatchObject([
      { type: 'run:resume' },
      { type: 'evaluation:end', evaluationId: 'vs-2-1', status: 'cancelled', error: { code: 'HOST_LOST' } },
      { type: 'evaluation:requested', evaluationId: 'vs-2-2', epoch: 2, step: 6 },
    ]);
    const path = join(saved.folder, 'weights-2-6');
    expect(inputs[0]).toMatchObject({ epoch: 2, step: 6, metrics: { loss: 0.5 }, resumed: true, checkpoint: { path } });
    expect(inputs[1]).toMatchObject({ epoch: 4, resumed: false });
  });

  it('are told as lost with what the journal tells of them, and no zeros for the rest', async () => {
    const each = { every: 1, overlap: 'queue' } as const;
    await cutOff(isStart(3), { ...cancelling, register: (trainer) => trainer.register(hanging(each)) });
    const { trainer, events } = await resumed({ drain: 'cancel', allowChanged: true });
    await trainer.fit((epoch) => saved.epoch(epoch));

    const ends = events.flatMap((event) => (event.type === 'evaluation:end' ? [event] : []));
    const untold = { wallMs: null, cpuMs: null, cpuShare: null, peakMemoryMb: null };
    const untoldTimes = { startMs: null, pausedMs: null, goneMs: null };
    expect(ends.map(({ epoch, usage }) => [epoch, usage])).toEqual([
      [1, { ...untold, ...untoldTimes, queuedMs: expect.any(Number) as number }], // it ran
      [2, { ...untold, ...untoldTimes, queuedMs: null }], // it waited
    ]);
  });

  it.each([
    ['where onResume is cancel', { onResume: 'cancel' }, false],
    ['where their checkpoint is gone', {}, true],
  ])('are not asked for again %s', async (_, options, isGone) => {
    await cutOff(isStart(4), { ...cancelling, register: (trainer) => trainer.register(hanging()) });
    if (isGone) await unlink(join(saved.folder, 'weights-2-6'));
    const { trainer, events } = await resumed({ drain: 'cancel', allowChanged: true });
    const inputs: unknown[] = [];
    trainer.register(answering(inputs, options));
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(events.find(({ type }) => type === 'evaluation:end')).toMatchObject({ error: { code: 'HOST_LOST' } });
    expect(inputs).toMatchObject([{ epoch: 4 }]);
  });

  it('are asked for once, where the request of the checkpoint is not on disk', async () => {
    await cutOff(isRequested, { register: (trainer) => trainer.register(answering([])) });
    const { trainer, events } = await resumed();
    const inputs: unknown[] = [];
    trainer.register(answering(inputs));
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(inputs).toMatchObject([
      { epoch: 2, step: 6, resumed: false },
      { epoch: 4, step: 12, resumed: false },
    ]);
    expect(events.filter(isRequested)).toHaveLength(2);
  });

  it('have triggers that count on from before', async () => {
    const when = everySteps(4);
    await cutOff(isEnd(2), { register: (trainer) => trainer.register(answering([], { every: undefined, when })) });
    const { trainer } = await resumed();
    const inputs: { step: number }[] = [];
    trainer.register(answering(inputs, { every: undefined, when }));
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(inputs.map(({ step }) => step)).toEqual([8, 12]);
  });

  it('are asked for where their trigger had held the checkpoint back', async () => {
    const when = (events$: Observable<RunEvent>) =>
      events$.pipe(
        filter(({ type }) => type === 'epoch:end' || type === 'epoch:start'),
        pairwise(),
        filter(([before, now]) => isEnd(2)(before) && isStart(3)(now)),
        map(([end]) => end),
      );
    await cutOff(isStart(3), { register: (trainer) => trainer.register(answering([], { every: undefined, when })) });
    const { trainer } = await resumed();
    const inputs: unknown[] = [];
    trainer.register(answering(inputs, { every: undefined, when }));
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(inputs).toMatchObject([{ epoch: 2, step: 6, resumed: false }]);
  });

  it('have ids of their own in the whole journal, also where they are registered late', async () => {
    const isDue = (event: RunEvent) => event.type === 'epoch:end' && event.epoch === 2;
    const registeringLate = (trainer: Trainer) => {
      trainer.events$.pipe(find((event) => event.type === 'epoch:start')).subscribe(() => {
        trainer.register(answering([], { every: 1 }));
      });
    };
    const epoch = async (each: Epoch) => {
      await each.step(() => undefined);
      return {};
    };
    await cutOff(isDue, { register: registeringLate, epoch });
    const { trainer } = await resumed();
    registeringLate(trainer);
    await trainer.fit(epoch);

    const all = await readJournal(join(root, 'cut', 'run'), { all: true });
    const ids = all.flatMap((event) => (event.type === 'evaluation:requested' ? [event.evaluationId] : []));
    expect(ids).toEqual(['vs-1-1', 'vs-1-2', 'vs-2-3', 'vs-3-4', 'vs-4-5']);
  });

  it('add none at the end for an epoch that was evaluated before', async () => {
    await cutOff((event) => event.type === 'run:end', {
      register: (trainer) => trainer.register(answering([], { atEnd: true })),
    });
    const { trainer } = await resumed();
    const inputs: unknown[] = [];
    trainer.register(answering(inputs, { atEnd: true }));
    await trainer.fit((epoch) => saved.epoch(epoch));

    expect(inputs).toEqual([]);
  });

  describe('their breakers', () => {
    const failing = (breaker: object) =>
      evaluation({
        name: 'vs',
        every: 1,
        sla: false,
        overlap: 'queue',
        breaker,
        executor: inlineExecutor(() => {
          throw new Error('crashed');
        }),
      });

    it('stand open for what is left of the wait, the time away counted', async () => {
      const clock = new VirtualClock({ wallMs: 1_000_000 });
      const breaker = { waitDurationInOpenStateMs: 60_000 };
      await cutOff(isEnd(4), { options: { clock }, register: (trainer) => trainer.register(failing(breaker)) });
      const later = new VirtualClock({ wallMs: 1_000_000 + 20_000 });
      const { trainer } = await resumed({ clock: later });
      const callback = failing(breaker);
      trainer.register(callback);
      await trainer.fit(async (epoch) => {
        expect(callback.breaker?.state).toBe('open');
        expect(callback.breaker?.retryAfterMs).toBe(40_000);
        return saved.epoch(epoch);
      });
    });

    it('stay forced open, whatever was in flight', async () => {
      const forced = (breaker: CircuitBreaker) => hanging({ breaker });
      const first = new CircuitBreaker({ name: 'vs' });
      await cutOff(isStart(4), {
        ...cancelling,
        register: (trainer) => trainer.register(forced(first)),
        epoch: async (epoch) => {
          if (epoch.epoch === 3) first.forceOpen();
          return saved.epoch(epoch);
        },
      });
      const { trainer } = await resumed({ drain: 'cancel' });
      const breaker = new CircuitBreaker({ name: 'vs' });
      trainer.register(forced(breaker));
      await trainer.fit((epoch) => saved.epoch(epoch));

      expect(breaker.state).toBe('forced-open');
    });

    it('have counted what ended before, so that one more failure opens them', async () => {
      const breaker = { minimumNumberOfCalls: 3 };
      await cutOff(isStart(3), { register: (trainer) => trainer.register(failing(breaker)) });
      const { trainer, events } = await resumed();
      const callback = failing(breaker);
      trainer.register(callback);
      await trainer.fit(async (epoch) => {
        if (epoch.epoch === 3) expect(callback.breaker?.metrics).toMatchObject({ bufferedCalls: 2, failedCalls: 2 });
        return saved.epoch(epoch);
      });

      expect(events.filter(({ type }) => type === 'breaker:transition')).toMatchObject([
        { from: 'closed', to: 'open', causedBy: 'vs-3-3' },
      ]);
    });
  });
});
