import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, map, Subject, take, takeUntil, timeout } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  defineCallback,
  evaluation,
  processExecutor,
  stop,
  violationOf,
  type Executor,
  type Job,
  type RunEvent,
  type Safeguard,
} from '../../src/index.ts';
import { atEpochs } from '../../src/operators/index.ts';
import { evaluator } from './evaluators/index.ts';
import { eventsOf, expectWhole, named, recordedRun, trainUntil } from './recorded-run.ts';

/** Starting is not what is tried here: on a busy machine it takes its time. */
const roomy = { startTimeMs: 60_000, evaluationTimeMs: 60_000, itemTimeMs: 60_000 };
const once = { when: atEpochs([1]), sla: roomy };

/** A file whose appearance lets `waits-for-file` answer. */
function gate(): { readonly path: string; readonly open: () => void; readonly isOpen: () => boolean } {
  const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'open');
  return {
    path,
    open: () => {
      writeFileSync(path, '');
    },
    isOpen: () => existsSync(path),
  };
}

const isOf = (event: RunEvent, name: string): boolean => 'name' in event && event.name === named(name);

describe('a rule that only warns', () => {
  it('is told for each of the three, and the evaluation gives its result', async () => {
    const { path, open } = gate();
    const warned = new Set<string>();
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('warned'),
          module: evaluator('waits-for-file'),
          input: ({ epoch }) => ({ path, epoch }),
          sla: {
            ...roomy,
            evaluationTimeMs: { limit: 20, action: 'warn' },
            itemTimeMs: { limit: 10, action: 'warn' },
            memoryMb: { limit: 1, action: 'warn' },
          },
        }),
      ],
      onEvent: (event) => {
        if (event.type === 'sla:violation' && warned.add(event.violation.rule).size === 3) open();
      },
    });

    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([{ status: 'completed', result: { epoch: 1 } }]);
    const told = eventsOf(run.events, 'sla:violation').map(({ violation: { rule, action } }) => `${action} ${rule}`);
    expect(told.sort()).toEqual(['warn evaluationTimeMs', 'warn itemTimeMs', 'warn memoryMb']);
    expect(eventsOf(run.events, 'evaluation:end')[0]).not.toHaveProperty('violation');
    expectWhole(run);
  });
});

describe('a safeguard of the user’s own', () => {
  const atFirstSample: Safeguard = (guarded) =>
    guarded.samples$.pipe(
      take(1),
      map(({ memoryMb }) =>
        violationOf(guarded, {
          rule: 'firstSample',
          limit: 0,
          observed: memoryMb ?? -1,
          unit: 'MB',
          action: 'abort',
        }),
      ),
    );

  it('ends a real process with its children, and its rule is told', async () => {
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('guarded'),
          module: evaluator('leaves-grandchildren'),
          input: () => ({ afterMs: 600_000 }),
          safeguards: [atFirstSample],
        }),
      ],
    });

    const [end] = eventsOf(run.events, 'evaluation:end');
    expect(end).toMatchObject({ status: 'violated', violation: { rule: 'firstSample', unit: 'MB', action: 'abort' } });
    expect(end!.violation!.observed).toBeGreaterThan(1);
    expect(end!.violation!.goneAt).toBeGreaterThanOrEqual(end!.violation!.killedAt!);
    expect(eventsOf(run.events, 'sla:violation').map(({ violation }) => violation)).toEqual([end!.violation]);
    expectWhole(run);
  });

  it('that throws is told and said to be unmeasured, and the hard limits hold', async () => {
    const broken: Safeguard = () => {
      throw new Error('no such gauge');
    };
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('badly-guarded'),
          module: evaluator('spin'),
          safeguards: [broken],
          sla: { ...roomy, evaluationTimeMs: 400 },
        }),
      ],
    });

    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([
      { status: 'violated', violation: { rule: 'evaluationTimeMs' } },
    ]);
    expect(eventsOf(run.events, 'callback:error')).toMatchObject([
      { callback: named('badly-guarded'), error: { message: expect.stringContaining('no such gauge') as string } },
    ]);
    expectWhole(run);
  });
});

describe('ending what runs', () => {
  it('trainer.stop cancels it: the signal first, the kill after the grace, the end when it is gone', async () => {
    const started = new Set<string>();
    const run = await recordedRun({
      callbacks: [
        evaluation({ ...once, name: named('polite'), module: evaluator('honours-signal'), graceMs: 30_000 }),
        evaluation({ ...once, name: named('rude'), module: evaluator('spin'), graceMs: 50 }),
      ],
      onEvent: (event, trainer) => {
        if (event.type === 'evaluation:start' && started.add(event.name).size === 2) trainer.stop('enough');
      },
    });

    expect(run.outcome).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 1 });
    expect(eventsOf(run.events, 'evaluation:end', named('polite'))).toMatchObject([
      { status: 'cancelled', error: { code: 'CANCELLED' }, partial: { begun: true, stopped: true } },
    ]);
    expect(eventsOf(run.events, 'evaluation:end', named('rude'))).toMatchObject([
      { status: 'cancelled', error: { code: 'CANCELLED', message: expect.stringContaining('enough') as string } },
    ]);
    expect(eventsOf(run.events, 'epoch:end').at(-1)).toMatchObject({ epoch: 2, interrupted: true });
    expectWhole(run);
  });

  it('a callback’s stop drains it: it may give its result', async () => {
    const { path, open } = gate();
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('drained'),
          module: evaluator('waits-for-file'),
          input: ({ epoch }) => ({ path, epoch }),
        }),
        defineCallback('stopper', ({ events$ }) =>
          events$.pipe(
            filter(({ type }) => type === 'evaluation:start'),
            map(() => stop('seen enough')),
          ),
        ),
      ],
      onEvent: ({ type }) => {
        if (type === 'training:end') open();
      },
    });

    expect(run.outcome).toMatchObject({ status: 'stopped', reason: 'seen enough' });
    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([{ status: 'completed', result: { epoch: 1 } }]);
    expectWhole(run);
  });

  it('drain "cancel" cancels what runs at the training’s end and skips what waits', async () => {
    let isStarted = false;
    const run = await recordedRun({
      drain: 'cancel',
      callbacks: [evaluation({ every: 1, sla: roomy, name: named('undrained'), module: evaluator('never-settles') })],
      epoch: async (epoch) => {
        if (epoch.epoch === 2) await trainUntil(epoch, () => isStarted);
      },
      onEvent: ({ type }) => {
        isStarted ||= type === 'evaluation:start';
      },
    });

    expect(run.outcome.status).toBe('completed');
    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([{ epoch: 1, status: 'cancelled' }]);
    expect(eventsOf(run.events, 'evaluation:skipped')).toMatchObject([{ epoch: 2, reason: 'stopping' }]);
    expectWhole(run);
  });

  it('unregistering the evaluation ends it, and its end is told', async () => {
    const spinning = evaluation({ ...once, name: named('unregistered'), module: evaluator('spin') });
    let registered: { unregister(): void } | undefined;
    const run = await recordedRun({
      callbacks: [],
      onEvent: ({ type }, trainer) => {
        if (type === 'run:start') registered = trainer.register(spinning);
        else if (type === 'evaluation:start') registered?.unregister();
      },
    });

    expect(run.outcome.status).toBe('completed');
    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([{ status: 'cancelled' }]);
    expectWhole(run);
  });

  it('overlap "cancel" has reaped the older one before the newer one starts', async () => {
    let starts = 0;
    const run = await recordedRun({
      callbacks: [
        evaluation({
          every: 1,
          overlap: 'cancel',
          sla: roomy,
          graceMs: 0,
          name: named('overtaken'),
          module: evaluator('leaves-grandchildren'),
          input: ({ epoch }) => ({ afterMs: epoch === 1 ? 600_000 : 1 }),
        }),
      ],
      epoch: async (epoch) => {
        if (epoch.epoch === 2) await trainUntil(epoch, () => starts > 0);
      },
      onEvent: ({ type }) => {
        if (type === 'evaluation:start') starts++;
      },
    });

    const order = run.events.filter(({ type }) => type === 'evaluation:start' || type === 'evaluation:end');
    expect(order).toMatchObject([
      { type: 'evaluation:start', epoch: 1 },
      { type: 'evaluation:end', epoch: 1, status: 'cancelled' },
      { type: 'evaluation:start', epoch: 2 },
      { type: 'evaluation:end', epoch: 2, status: 'completed' },
    ]);
    expectWhole(run);
  });
});

describe('several evaluations of one kind', () => {
  it('run in parallel up to the executor’s slots, each with the weights of its own epoch', async () => {
    const { path, open } = gate();
    const seen = { requested: 0, started: 0 };
    const weights = new Float32Array(3);
    const run = await recordedRun({
      epochs: 3,
      callbacks: [
        evaluation({
          every: 1,
          overlap: 'parallel',
          sla: roomy,
          name: named('parallel'),
          executor: processExecutor(evaluator('waits-for-file'), { concurrency: 2 }),
          input: ({ epoch }) => ({ path, epoch, weights }),
        }),
      ],
      epoch: async (epoch) => {
        await epoch.step(() => weights.fill(epoch.epoch));
      },
      onEvent: ({ type }) => {
        if (type === 'evaluation:requested') seen.requested++;
        if (type === 'evaluation:start') seen.started++;
        if (type === 'training:end') weights.fill(-1);
        // The third has to wait: the first two answer only once it does.
        if (seen.requested === 3 && seen.started === 2) open();
      },
    });

    let running = 0;
    const runningAt = run.events.flatMap(({ type }) => {
      if (type === 'evaluation:start') return ++running;
      if (type === 'evaluation:end') return --running;
      return [];
    });
    expect(Math.max(...runningAt)).toBe(2);
    const results = eventsOf(run.events, 'evaluation:end').sort((a, b) => a.epoch - b.epoch);
    expect(results.map(({ result }) => result)).toEqual([
      { epoch: 1, weights: [1, 1, 1] },
      { epoch: 2, weights: [2, 2, 2] },
      { epoch: 3, weights: [3, 3, 3] },
    ]);
    expectWhole(run);
  });

  it('of the same name in two runs at once leave each other alone', async () => {
    const { path, open, isOpen } = gate();
    const same = (module: string) =>
      evaluation({
        ...once,
        name: named('same'),
        module: evaluator(module),
        input: ({ epoch }) => ({ path, epoch }),
      });
    let first: Promise<unknown> = Promise.resolve();
    const second = await recordedRun({
      callbacks: [same('waits-for-file')],
      onEvent: ({ type }) => {
        if (type !== 'evaluation:start') return;
        // The other comes and goes while this one works: the ids are the same.
        first = recordedRun({ callbacks: [same('good')] }).finally(open);
      },
    });

    expect(await first).toMatchObject({ outcome: { evaluations: { completed: 1 } } });
    expect(isOpen()).toBe(true);
    expect(eventsOf(second.events, 'evaluation:end')).toMatchObject([{ status: 'completed', result: { epoch: 1 } }]);
  });
});

describe('an executor wrapped by the user', () => {
  const wrapped = (name: string, wrap: (inner: Executor) => Executor): Executor =>
    wrap(processExecutor(evaluator(name)));

  it('with a timeout: its evaluation has failed when nothing of it is left', async () => {
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('timed'),
          executor: wrapped('spin', (inner) => (job) => inner(job).pipe(timeout(500))),
        }),
      ],
    });

    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([
      {
        status: 'failed',
        error: { code: 'EXECUTOR_FAILED', message: expect.stringContaining('TimeoutError') as string },
      },
    ]);
    expectWhole(run);
  });

  it('with takeUntil: the children that it had by then are gone with it', async () => {
    const sampled$ = new Subject<void>();
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('taken'),
          input: () => ({ afterMs: 600_000 }),
          executor: wrapped('leaves-grandchildren', (inner) => (job) => inner(job).pipe(takeUntil(sampled$))),
        }),
      ],
      onEvent: ({ type }) => {
        if (type === 'evaluation:sample') sampled$.next();
      },
    });

    expect(eventsOf(run.events, 'evaluation:end')).toMatchObject([{ status: 'failed', error: { code: 'NO_RESULT' } }]);
    expectWhole(run);
  });

  it('its limits are still hard: held while the training’s thread is blocked', async () => {
    let block: { readonly toAt: number } | undefined;
    let isStarted = false;
    const run = await recordedRun({
      callbacks: [
        evaluation({
          ...once,
          name: named('blocked'),
          executor: wrapped('spin', (inner) => (job: Job) => inner(job).pipe(map((result) => ({ result })))),
          sla: { ...roomy, evaluationTimeMs: 300 },
        }),
      ],
      epoch: async (epoch, trainer) => {
        if (epoch.epoch === 1) return;
        await trainUntil(epoch, () => isStarted);
        await epoch.step(() => {
          const toAt = Date.now() + 2000;
          while (Date.now() < toAt);
          block = { toAt };
        });
        await trainUntil(epoch, () => trainer.state.evaluationsInFlight.length === 0);
      },
      onEvent: (event) => {
        isStarted ||= event.type === 'evaluation:start' && isOf(event, 'blocked');
      },
    });

    const [end] = eventsOf(run.events, 'evaluation:end');
    expect(end).toMatchObject({ status: 'violated', violation: { rule: 'evaluationTimeMs', limit: 300 } });
    expect(end!.violation!.goneAt).toBeLessThan(block!.toAt - 500);
    expect(end!.violation!.lateByHostMs).toBeGreaterThan(500);
    expectWhole(run);
  });
});
