import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigurationError, PitwallError } from '../errors/index.ts';
import type { Weight, Weights } from './tfjs-weights.ts';

// safetensors (https://huggingface.co/docs/safetensors): the length of the header in 8 bytes, the header as JSON, the values.
const types = { F32: Float32Array, I32: Int32Array, BOOL: Uint8Array } as const;

interface HeaderEntry {
  readonly dtype: keyof typeof types;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [from: number, until: number];
}

/**
 * Writes weights into a file of the format safetensors, which there are libraries for in other languages. It is whole at every
 * moment: written beside, flushed to the disk, and renamed. Folders on the way are made.
 *
 * @example
 * await writeWeights('checkpoints/epoch-5.safetensors', weightsOf(model));
 */
export async function writeWeights(path: string, weights: Weights): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, 'wx');
    try {
      await writeFile(file, partsOf(weights));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/**
 * Reads what {@link writeWeights} wrote, to be handed to `loadWeights`.
 *
 * @throws {PitwallError} `WEIGHTS_UNREADABLE` for what is no such file, or holds other types; what reading the file fails with.
 */
export async function readWeights(path: string): Promise<Weights> {
  const file = await readFile(path);
  try {
    const begin = 8 + Number(file.readBigUInt64LE());
    const header = JSON.parse(file.toString('utf8', 8, begin)) as Record<string, HeaderEntry>;
    return Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .sort(([, one], [, other]) => one.data_offsets[0] - other.data_offsets[0])
      .map(([name, entry]) => weightIn(file.subarray(begin), name, entry));
  } catch (cause) {
    throw new PitwallError(
      'WEIGHTS_UNREADABLE',
      `readWeights("${path}") must get a file that writeWeights wrote, but could not read it: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The bytes of such a file, for who writes it by other means. */
export function packWeights(weights: Weights): Uint8Array {
  return Buffer.concat(partsOf(weights));
}

/** The file, in parts: the values as they lie, without a copy. */
function partsOf(weights: Weights): readonly Uint8Array[] {
  const header = Buffer.from(headerOf(weights));
  const padded = Buffer.alloc(Math.ceil(header.length / 8) * 8, ' ');
  header.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const values = weights.map(({ values: { buffer, byteOffset, byteLength } }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return [length, padded, ...values];
}

function headerOf(weights: Weights): string {
  const header = new Map<string, HeaderEntry>();
  let offset = 0;
  for (const { name, shape, values } of weights) {
    if (header.has(name))
      throw new ConfigurationError(`A file of weights holds each under its own name, but "${name}" came twice.`);
    const until = offset + values.byteLength;
    header.set(name, { dtype: dtypeOf(values), shape, data_offsets: [offset, until] });
    offset = until;
  }
  return JSON.stringify(Object.fromEntries(header));
}

function dtypeOf(values: Weight['values']): HeaderEntry['dtype'] {
  if (values instanceof Float32Array) return 'F32';
  return values instanceof Int32Array ? 'I32' : 'BOOL';
}

function weightIn(data: Buffer, name: string, { dtype, shape, data_offsets: [from, until] }: HeaderEntry): Weight {
  const ArrayOfType = types[dtype] as (typeof types)[typeof dtype] | undefined;
  if (ArrayOfType === undefined) throw new Error(`"${name}" is of the type ${dtype}`);
  if (until > data.length) throw new Error(`"${name}" ends after ${until} bytes, and there are ${data.length}`);
  const bytes = new Uint8Array(data.subarray(from, until)); // a copy, so that it begins where its type may
  return { name, shape, values: new ArrayOfType(bytes.buffer) };
}
