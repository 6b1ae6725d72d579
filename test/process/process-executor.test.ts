import { firstValueFrom, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createJob, processExecutor, type HardLimits, type Telemetry } from '../../src/executors/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { missing } from './needs.ts';

const roomy: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };

describe('an evaluator in a process of its own', () => {
  it('gives its result, its items, its progress and what it took', async () => {
    const { result, telemetry, alive } = await execute(processExecutor(evaluator('good')), {
      input: { hello: 'world' },
      seed: 42,
      limits: roomy,
    });

    expect(result).toEqual({ sum: 6, seed: 42, input: { hello: 'world' } });
    expect(telemetry[0]).toMatchObject({ type: 'accepted' });
    expect(told(telemetry, 'started')).toHaveLength(1);
    expect(told(telemetry, 'item').at(-1)).toMatchObject({ done: 3, running: null, total: 3 });
    expect(told(telemetry, 'progress').at(-1)).toMatchObject({ done: 3, total: 3 });
    expect(told(telemetry, 'usage')[0]?.usage.peakMemoryMb).toBeGreaterThan(10);
    expect(telemetry.at(-1)?.type).toBe('usage');
    expect(alive).toEqual([]);
  });

  it('gets arrays of every kind, nested, empty, shared and as a view, as they were at the subscription', async () => {
    const whole = Float32Array.from({ length: 10 }, (_, index) => index / 3);
    const shared = new Int16Array(new SharedArrayBuffer(4));
    shared.set([7, -7]);
    const input = {
      view: whole.subarray(2, 5),
      nested: [{ bytes: new Uint8Array([1, 2, 3]) }, { none: new Float64Array(0) }],
      big: new BigInt64Array([-(2n ** 40n)]),
      map: new Map([['weights', new Int32Array([1])]]),
      nan: NaN,
      shared,
    };
    const run = firstValueFrom(processExecutor(evaluator('echo'))(createJob({ input, limits: roomy })));
    whole.fill(-1);

    expect(await run).toEqual({
      ...input,
      view: Float32Array.from([2 / 3, 3 / 3, 4 / 3]),
      shared: Int16Array.from([7, -7]),
    });
  });

  it('runs a TypeScript module whose JavaScript is not built yet', async () => {
    const { result } = await execute(processExecutor(new URL('./evaluators/typed.js', import.meta.url)), {
      input: { factor: 2 },
      limits: roomy,
    });

    expect(result).toEqual({ doubled: [2, 4, 6] });
  });

  it('runs as many at once as it has slots, and the others after them', async () => {
    const executor = processExecutor(evaluator('good'), { concurrency: 1 });
    const order: string[] = [];
    const run = (id: string): Promise<unknown> =>
      firstValueFrom(
        executor(
          createJob({
            input: {},
            limits: roomy,
            telemetry: {
              next: ({ type }: Telemetry) => {
                if (type === 'started' || type === 'usage') order.push(`${id} ${type}`);
              },
            },
          }),
        ),
      );

    await Promise.all([run('a'), run('b')]);
    await executor.idle?.();

    expect(order).toEqual(['a started', 'a usage', 'b started', 'b usage']);
  });

  it.skipIf(missing('setpriv'))('gives its environment and Node arguments to the evaluator', async () => {
    const executor = processExecutor(evaluator('surroundings'), {
      env: { PITWALL_TEST_WORD: 'parrot' },
      nodeArgs: ['--expose-gc'],
    });

    expect((await execute(executor, { limits: roomy })).result).toMatchObject({
      word: 'parrot',
      canCollect: true,
      nice: 19,
    });
  });
});

describe.skipIf(missing())('stopping an evaluator', () => {
  /** A job that tells when its work has begun. */
  const begun = (name: string) => {
    const started$ = new Subject<number>();
    const job = createJob({
      input: {},
      name,
      limits: roomy,
      telemetry: {
        next: (each: Telemetry) => {
          if (each.type === 'started') started$.next(each.pid ?? 0);
        },
      },
    });
    return { job, started$, alive: () => processesMarked(evaluationMark, job.id) };
  };

  it('by an abort lets its signal fire first, keeps what it had learned, and errors when it is gone', async () => {
    const partials: unknown[] = [];
    const job = createJob({
      input: {},
      limits: roomy,
      graceMs: 10_000,
      telemetry: {
        next: (each: Telemetry) => {
          if (each.type === 'progress') job.abort('enough');
          if (each.type === 'partial') partials.push(each.value);
        },
      },
    });
    const ended = firstValueFrom(processExecutor(evaluator('honours-signal'))(job));

    await expect(ended).rejects.toMatchObject({ kind: 'cancelled', code: 'CANCELLED' });
    expect(partials).toEqual([{ begun: true, stopped: true }]);
    expect(processesMarked(evaluationMark, job.id)).toEqual([]);
  });

  it('by an abort that it ignores kills it after the grace', async () => {
    const { job, started$, alive } = begun('spin');
    started$.subscribe(() => job.abort('enough'));

    await expect(firstValueFrom(processExecutor(evaluator('spin'))(job))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(alive()).toEqual([]);
  });

  it('before it had a slot starts nothing', async () => {
    const executor = processExecutor(evaluator('spin'), { concurrency: 1 });
    const first = begun('spin');
    const running = executor(first.job).subscribe({ error: () => undefined });
    const second = begun('spin');
    const waiting = firstValueFrom(executor(second.job));
    second.job.abort('never mind');

    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    running.unsubscribe();
    await executor.idle?.();
    expect([...first.alive(), ...second.alive()]).toEqual([]);
  });
});

describe('asking for what cannot be', () => {
  it('an input with a function is a clear error, and nothing is started', async () => {
    const { error } = await execute(processExecutor(evaluator('echo')), {
      name: 'vs-random',
      input: { model: () => 1 },
    });

    expect(error).toMatchObject({ kind: 'rejected', code: 'INPUT_NOT_CLONEABLE' });
    expect(error?.message).toMatch(/input of "vs-random" must be plain data/);
  });

  it.each([
    ['https://models.example/evaluate.js', /must be named by a file: URL.*https:\/\/models\.example/],
    ['./evaluate.js', /must be named by a file: URL.*"\.\/evaluate\.js" came/],
  ])('the URL %s throws at construction', (url, message) => {
    expect(() => processExecutor(url)).toThrow(message);
  });

  it('an unknown option names the near match', () => {
    expect(() => processExecutor(evaluator('good'), { concurency: 2 } as never)).toThrow(
      /unknown key "concurency": did you mean "concurrency"/,
    );
  });
});
