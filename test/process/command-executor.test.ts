import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  commandExecutor,
  createJob,
  type CommandExecutorOptions,
  type Executor,
  type HardLimits,
  type Telemetry,
} from '../../src/executors/index.ts';
import { isAlive, processesMarked } from '../../src/probes/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';
import { commands, missingPython, python } from './commands/index.ts';
import { execute, told } from './execute.ts';
import { missing } from './needs.ts';

const roomy: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };

/** numpy's threads are not what is tried here, and their stacks count as memory. */
const env = { PYTHONDONTWRITEBYTECODE: '1', OPENBLAS_NUM_THREADS: '1' };

function script(name: string, args: readonly string[] = [], options: CommandExecutorOptions = {}): Executor {
  return commandExecutor([python, name, ...args], { cwd: commands, ...options, env: { ...env, ...options.env } });
}

const shell = (code: string, ...args: readonly string[]): Executor =>
  commandExecutor(['sh', '-c', code, 'sh', ...args]);

/** Starts a job, and resolves at the first telemetry of a type. */
async function startedJob(executor: Executor, type: Telemetry['type'], options: { graceMs?: number } = {}) {
  const telemetry: Telemetry[] = [];
  let heard: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (heard = resolve));
  const next = (each: Telemetry): void => {
    telemetry.push(each);
    if (each.type === type) heard();
  };
  const job = createJob({ input: {}, limits: roomy, telemetry: { next }, ...options });
  let end: (resultOrError: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => (end = resolve));
  const subscription = executor(job).subscribe({ next: end, error: end });
  await until;
  return { job, telemetry, subscription, ended };
}

describe.skipIf(missing('setpriv', 'timeout', 'sleep') || missingPython())('a command', () => {
  it('gives the result of the file for {output}, its items, progress and what it took', async () => {
    const executor = script('scores.py', ['{input}', '{output}'], { env: { PITWALL_TEST_WORD: 'parrot' } });

    const { result, telemetry, alive } = await execute(executor, {
      input: { numbers: [1, 2, 3.5] },
      seed: 42,
      limits: roomy,
    });

    expect(result).toEqual({ total: 6.5, seed: 42, nice: 19, word: 'parrot', cwd: commands.replace(/\/$/, '') });
    expect(telemetry[0]).toMatchObject({ type: 'accepted' });
    expect(told(telemetry, 'started')).toHaveLength(1);
    expect(told(telemetry, 'item').at(-1)).toMatchObject({ done: 3, running: null, total: 3 });
    expect(told(telemetry, 'progress').at(-1)).toMatchObject({ done: 3, total: 3, note: 'at 3.5' });
    expect(told(telemetry, 'usage')[0]?.usage.peakMemoryMb).toBeGreaterThan(1);
    expect(telemetry.at(-1)?.type).toBe('usage');
    expect(alive).toEqual([]);
  });

  it('gives the last line of its stdout that is JSON where it writes no file', async () => {
    const { result } = await execute(script('scores.py', ['{input}']), { input: { numbers: [1, 2] }, limits: roomy });

    expect(result).toMatchObject({ total: 3 });
  });

  it('has fields of the input as arguments, inside of longer ones too', async () => {
    const executor = shell(
      'printf \'{"epoch": %s, "name": "%s", "first": %s}\' "$1" "$2" "$(od -An -td1 -N1 -j128 "$3")"',
      '{input.epoch}',
      'net-{input.net.name}',
      '{input.net.weights}',
    );

    const { result } = await execute(executor, {
      input: { epoch: 3, net: { name: "x'; $(exit 1)", weights: Int8Array.of(-7, 2) } },
      limits: roomy,
    });

    expect(result).toEqual({ epoch: 3, name: "net-x'; $(exit 1)", first: -7 });
  });

  it.each([[[]], [['--reversed']]])('gives arrays back bit for bit through numpy %j', async (args) => {
    const weights = new Float32Array(300_000);
    const bits = new Uint32Array(weights.buffer);
    for (let index = 0; index < bits.length; index++) bits[index] = Math.imul(index + 1, 2_654_435_761);
    const input = {
      weights: weights.subarray(1),
      small: { layers: [Float64Array.of(0.1, NaN, -0), BigInt64Array.of(-(2n ** 60n)), new Uint16Array(0)] },
      matrix: { data: Int16Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] },
    };

    const { result, alive } = await execute(script('round_trip.py', ['{input}', '{output}', ...args]), {
      input,
      limits: roomy,
    });

    // NaNs have bits too, which a comparison of numbers does not see.
    const { weights: back, ...rest } = result as { weights: Float32Array };
    expect(Buffer.from(back.buffer).equals(Buffer.from(weights.buffer, 4))).toBe(true);
    expect(rest).toEqual({ small: input.small, matrix: input.matrix, mean: null });
    expect(alive).toEqual([]);
  });

  it('has the arrays as they were at the subscription', async () => {
    const weights = new Float32Array(1_000_000).fill(1);
    const executor = script('round_trip.py', ['{input}', '{output}']);
    const run = firstValueFrom(executor(createJob({ input: { weights }, limits: roomy })));
    weights.fill(-1);

    const { weights: back } = (await run) as { weights: Float32Array };

    expect(back).toHaveLength(1_000_000);
    expect(back.every((weight) => weight === 1)).toBe(true);
  });

  it('has the arrays as they were when they were packed ahead, as often as it is run', async () => {
    const executor = shell('cp "$1" "$2"', '{input}', '{output}');
    const weights = new Float32Array(100_000).fill(1);
    const job = createJob({ input: { weights }, limits: roomy });
    executor.pack?.(job as never);
    weights.fill(-1);

    const runs = (await Promise.all([1, 2].map(() => firstValueFrom(executor(job))))) as { weights: Float32Array }[];
    executor.forget?.(job as never);

    expect(runs.map((run) => [run.weights.length, run.weights.every((weight) => weight === 1)])).toEqual([
      [100_000, true],
      [100_000, true],
    ]);
  });

  it('breaks itemTimeMs in an item that hangs, named, and its partial result is kept', async () => {
    const { error, telemetry, alive } = await execute(script('hangs_in_item.py'), {
      limits: { ...roomy, itemTimeMs: 300 },
    });

    expect(error).toMatchObject({ kind: 'violation', violation: { rule: 'itemTimeMs', limit: 300 } });
    expect(error?.message).toContain('"game 2"');
    expect(told(telemetry, 'item').at(-1)).toMatchObject({ done: 1, running: { name: 'game 2' } });
    expect(told(telemetry, 'partial')).toEqual([{ type: 'partial', value: { won: 1 } }]);
    expect(alive).toEqual([]);
  });

  it('breaks itemTimeMs in the item that began first, however many others end', async () => {
    const { error } = await execute(script('overlaps_items.py'), { limits: { ...roomy, itemTimeMs: 300 } });

    expect(error).toMatchObject({ kind: 'violation', violation: { rule: 'itemTimeMs' } });
    expect(error?.message).toContain('"endless"');
    expect(error?.message).toContain('after 3 items');
  });

  it.each([[[]], [['--at-once']]])('breaks memoryMb when numpy takes too much %j', async (args) => {
    const { error, alive } = await execute(script('eats_with_numpy.py', args), { limits: { ...roomy, memoryMb: 200 } });

    expect(error).toMatchObject({ kind: 'violation', violation: { rule: 'memoryMb', limit: 200 } });
    expect(alive).toEqual([]);
  });

  it('breaks evaluationTimeMs when it only sleeps, with all that it has started', async () => {
    const { error, alive } = await execute(shell('sleep 600 & sleep 600; echo 1'), {
      limits: { ...roomy, evaluationTimeMs: 300 },
    });

    expect(error).toMatchObject({ kind: 'violation', violation: { rule: 'evaluationTimeMs' } });
    expect(alive).toEqual([]);
  });

  it('that ends with another exit code than 0 has failed, with its last words', async () => {
    const { error } = await execute(shell('echo \'{"won": 1}\'; echo "no such opening" >&2; exit 3'), {
      limits: roomy,
    });

    expect(error).toMatchObject({ kind: 'crashed', code: 'EVALUATOR_CRASHED' });
    expect(error?.message).toContain('exit code 3');
    expect(error?.message).toContain('no such opening');
  });

  it('whose script throws has failed, with the traceback', async () => {
    const { error } = await execute(script('scores.py', ['{input}']), { input: {}, limits: roomy });

    expect(error?.message).toContain("KeyError: 'numbers'");
  });

  it.each([
    ['no-such-program-here', 'No program "no-such-program-here" can be run here: install it, or give its whole path.'],
    ['./no-such-program', 'No program "./no-such-program" can be run here'],
    ['./scores.py', 'The program "./scores.py" is no file that may be run: make it one (chmod +x)'],
  ])('%s is not found', async (program, sentence) => {
    const { error } = await execute(commandExecutor([program, '{input}'], { cwd: commands }), { limits: roomy });

    expect(error).toMatchObject({ kind: 'rejected', code: 'EVALUATOR_NOT_FOUND' });
    expect(error?.message).toContain(sentence);
  });

  it.each([
    ['RESULT_NOT_FOUND', 'echo done', 'the last is "done"'],
    ['RESULT_NOT_FOUND', 'exit 0', 'nothing on its stdout'],
    ['RESULT_INVALID', 'echo "{\'won\': 1}"', "{'won': 1}"],
    ['RESULT_INVALID', 'printf won >"$1"', '"won", which is no JSON'],
    ['RESULT_INVALID', 'ln -s /etc/hostname "$1"', 'is a link'],
    ['RESULT_INVALID', 'mkfifo "$1"', 'is no plain file'],
    ['RESULT_INVALID', `mkfifo "$1.npy"; echo '{"$npy": "output.json.npy"}'`, 'is no plain file'],
    ['RESULT_INVALID', `ln -s /etc "$1.d"; echo '{"$npy": "output.json.d/hostname"}'`, 'lies outside'],
    ['RESULT_TOO_LARGE', 'head -c 2000000 /dev/zero >"$1"', 'the limit is 1 MB'],
  ])('is rejected as %s after %s', async (code, work, reason) => {
    const { error, alive } = await execute(shell(work, '{output}'), { limits: roomy, maxResultMb: 1 });

    expect(error).toMatchObject({ kind: 'rejected', code });
    expect(error?.message).toContain(reason);
    expect(alive).toEqual([]);
  });

  it.each([
    ['INPUT_FIELD_MISSING', shell('echo 1', '{input.epoch}'), {}],
    ['INPUT_NOT_CLONEABLE', shell('echo 1', '{input}'), { act: () => 1 }],
  ])('is not started for an input that is rejected as %s', async (code, executor, input) => {
    const { error, telemetry } = await execute(executor, { input, limits: roomy });

    expect(error).toMatchObject({ kind: 'rejected', code });
    expect(told(telemetry, 'started')).toEqual([]);
    expect(telemetry.at(-1)?.type).toBe('usage');
  });

  it('that is aborted gets SIGTERM, and may leave a partial result in the grace', async () => {
    const { job, telemetry, ended } = await startedJob(script('honours_sigterm.py'), 'progress', { graceMs: 30_000 });

    expect(job.abort('a better one waits')).toBe(true);

    expect(await ended).toMatchObject({ kind: 'cancelled', code: 'CANCELLED' });
    expect(told(telemetry, 'partial')).toEqual([{ type: 'partial', value: { won: 7, asked: true } }]);
    expect(processesMarked(evaluationMark, job.id)).toEqual([]);
  });

  it('is heard to its last word, also where that is a long one', async () => {
    const tell = `{ printf '{"type":"partial","value":"'; head -c 200000 /dev/zero | tr '\\0' x; echo '"}'; } >&3`;

    const { telemetry } = await execute(shell(`${tell}; echo '{"type":"progress","done":1}' >&3; exit 1`), {
      limits: roomy,
    });

    expect(told(telemetry, 'partial').map(({ value }) => String(value).length)).toEqual([200_000]);
    expect(told(telemetry, 'progress').at(-1)).toMatchObject({ done: 1 });
  });

  it('that is aborted and goes on is killed after the grace', async () => {
    const { job, ended } = await startedJob(script('ignores_sigterm.py'), 'progress', { graceMs: 200 });

    job.abort('a better one waits');

    const error = await ended;
    expect(error).toBeInstanceOf(EvaluationError);
    expect(error).toMatchObject({ kind: 'cancelled' });
    expect(processesMarked(evaluationMark, job.id)).toEqual([]);
  });

  it('is killed by an unsubscription', async () => {
    const executor = shell('sleep 600 & sleep 600');
    const { job, subscription } = await startedJob(executor, 'started');

    subscription.unsubscribe();
    await executor.idle?.();

    expect(processesMarked(evaluationMark, job.id)).toEqual([]);
  });

  it('leaves no children behind after a good result', async () => {
    const { result, alive } = await execute(script('leaves_children.py'), { limits: roomy });

    const { pids } = result as { pids: number[] };
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(alive).toEqual([]);
  });

  it('that floods stdout and its descriptor costs only itself', async () => {
    const { result, telemetry } = await execute(script('floods.py', ['{output}']), { limits: roomy });

    expect(result).toEqual({ turns: 200 });
    expect(told(telemetry, 'progress').at(-1)?.done).toBeGreaterThan(100);
    expect(told(telemetry, 'progress').length).toBeLessThan(200);
  });

  it('runs as many at once as it has slots, and the others after them', async () => {
    const executor = commandExecutor(['sh', '-c', 'echo 1'], { concurrency: 1 });
    const order: string[] = [];
    const run = (id: string): Promise<unknown> => {
      const next = ({ type }: Telemetry): void => {
        if (type === 'started' || type === 'usage') order.push(`${id} ${type}`);
      };
      return firstValueFrom(executor(createJob({ input: {}, limits: roomy, telemetry: { next } })));
    };

    await Promise.all([run('a'), run('b')]);

    expect(order).toEqual(['a started', 'a usage', 'b started', 'b usage']);
  });

  describe('in a folder that is not this one', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pitwall-command-'));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('runs there', async () => {
      const { result } = await execute(commandExecutor(['sh', '-c', 'printf \'"%s"\' "$PWD"'], { cwd: folder }), {
        limits: roomy,
      });

      expect(result).toBe(folder);
    });
  });
});
