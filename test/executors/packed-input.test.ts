import { describe, expect, it } from 'vitest';
import { createJob } from '../../src/executors/index.ts';
import { packed, type PackedFiles } from '../../src/executors/packed-input.ts';
import { PackedInputs } from '../../src/executors/packed-inputs.ts';
import { SnapshotBuffers } from '../../src/executors/snapshot-buffers.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { unpackValue } from '../../src/wire/index.ts';

const buffersOfTest = () => new SnapshotBuffers(new VirtualClock());
const weightsOf = (first: number) => new Float32Array(20_000).fill(first);

function filesOf(input: ReturnType<typeof packed>): PackedFiles {
  if ('error' in input) throw input.error;
  return input;
}

/** What an evaluator would read. */
function written({ files }: PackedFiles): unknown {
  const [file] = files('/nowhere');
  if (file === undefined) throw new Error('no file');
  const bytes = Buffer.concat(file.chunks);
  expect(bytes).toHaveLength(file.bytes);
  expect(file.name).toBe('input');
  return unpackValue(bytes);
}

describe('a packed input', () => {
  it('is a copy: the training may go on changing its arrays', () => {
    const input = { epoch: 3, weights: weightsOf(1) };
    const files = filesOf(packed(input, 'vs-random'));
    input.weights.fill(2);

    expect(written(files)).toEqual({ epoch: 3, weights: weightsOf(1) });
  });

  it('leaves its memory to the next one once it is released', () => {
    const buffers = buffersOfTest();
    const first = filesOf(packed(weightsOf(1), 'a', buffers));
    first.release?.();
    const second = filesOf(packed(weightsOf(2), 'a', buffers));
    const third = filesOf(packed(weightsOf(3), 'a', buffers));

    expect(memoryOf(second)).toBe(memoryOf(first));
    expect(memoryOf(third)).not.toBe(memoryOf(second));
    expect([written(second), written(third)]).toEqual([weightsOf(2), weightsOf(3)]);
  });

  it('is a clear error where it cannot be cloned', () => {
    const input = packed({ model: () => 1 }, 'vs-random');

    expect(input).toMatchObject({
      error: {
        kind: 'rejected',
        code: 'INPUT_NOT_CLONEABLE',
        message: expect.stringMatching(/input of "vs-random" must be plain data.*could not be cloned/) as string,
      },
    });
  });

  it('is a clear error where no memory can be had', () => {
    const full = { take: () => { throw new RangeError('Array buffer allocation failed'); } }; // prettier-ignore

    expect(packed(1, 'vs-random', full as unknown as SnapshotBuffers)).toMatchObject({
      error: { kind: 'rejected', code: 'INPUT_TOO_LARGE' },
    });
  });
});

describe('the inputs of an executor', () => {
  function given() {
    const buffers = buffersOfTest();
    const inputs = new PackedInputs(({ input, name }) => packed(input, name, buffers));
    const weights = weightsOf(1);
    return { buffers, inputs, weights, job: createJob({ input: weights }) };
  }

  it('are packed at the subscription where nothing was packed ahead, each time anew', () => {
    const { buffers, inputs, weights, job } = given();
    const first = filesOf(inputs.of(job));
    weights.fill(2);
    first.release?.();

    expect(buffers.kept).toBe(1);
    expect(written(filesOf(inputs.of(job)))).toEqual(weightsOf(2));
  });

  it('are as they were when they were packed ahead, however often the job is run', () => {
    const { buffers, inputs, weights, job } = given();
    inputs.keep(job);
    weights.fill(2);
    const first = filesOf(inputs.of(job));
    expect(written(first)).toEqual(weightsOf(1));
    first.release?.();
    packed(weightsOf(9), 'another', buffers);
    const second = filesOf(inputs.of(job));

    expect(written(second)).toEqual(weightsOf(1));
  });

  it('keep their memory until the job is over and nobody writes from it', () => {
    const { buffers, inputs, job } = given();
    inputs.keep(job);
    const written = filesOf(inputs.of(job));
    inputs.forget(job);
    expect(buffers.kept).toBe(0);
    written.release?.();
    written.release?.();

    expect(buffers.kept).toBe(1);
  });

  it('give the memory back of a job that never ran', () => {
    const { buffers, inputs, job } = given();
    inputs.keep(job);
    inputs.forget(job);
    inputs.forget(job);

    expect(buffers.kept).toBe(1);
  });

  it('give the memory back of what was packed ahead twice', () => {
    const { buffers, inputs, job } = given();
    inputs.keep(job);
    inputs.keep(job);
    expect(buffers.kept).toBe(0); // the second copy uses the memory of the first
    inputs.forget(job);

    expect(buffers.kept).toBe(1);
  });

  it('tell an error of packing at each run', () => {
    const { inputs } = given();
    const job = createJob({ input: () => 1 });
    inputs.keep(job);

    expect(inputs.of(job)).toMatchObject({ error: { code: 'INPUT_NOT_CLONEABLE' } });
    inputs.forget(job);
    expect(inputs.of(job)).toMatchObject({ error: { code: 'INPUT_NOT_CLONEABLE' } });
  });
});

function memoryOf({ files }: PackedFiles): ArrayBufferLike | undefined {
  return files('/nowhere')[0]?.chunks[0]?.buffer;
}
