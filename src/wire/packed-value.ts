import { isArrayBuffer } from 'node:util/types';
import { Serializer } from 'node:v8';
import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { told } from '../errors/told.ts';
import { bareBuffersIn } from './bare-buffers.ts';
import { headBytes, writeHead } from './packed-head.ts';
import { PackedRegions } from './packed-regions.ts';
import { scanPlain } from './plain-scan.ts';
import { viewKindOf } from './view-kinds.ts';

/** A value ready to be written: its arrays are not copied yet, so what is too large can be refused before. */
export interface PackedValue {
  /** How many bytes it takes. */
  readonly bytes: number;
  /** Those bytes, in order. The arrays' own memory is among them: it must not change until they are written or copied. */
  readonly chunks: readonly Uint8Array[];
  /** Copies the bytes, once, to the beginning of `into`, which has room for them. */
  readonly copyTo: (into: Uint8Array) => void;
}

/**
 * Packs a value for another process. It takes what structured clone takes and gives back what that gives, only that the memory of
 * typed arrays, DataViews and buffers, wherever they stand, is left out of the serialisation and copied as it is.
 *
 * An array that stands twice is one array afterwards, and views that overlapped share memory again; of a buffer only what its
 * views show is taken. Shared memory comes back as ordinary memory, a resizable buffer with the fixed size that it had.
 *
 * @throws {PitwallError} `NOT_CLONEABLE` for functions, symbols, promises and the like, and for detached buffers.
 *
 * @example
 * const packed = packValue({ epoch: 3, weights: new Float32Array(1000) });
 * const file = Buffer.alloc(packed.bytes);
 * packed.copyTo(file);
 * unpackValue(file); // { epoch: 3, weights: Float32Array(1000) }
 */
export function packValue(value: unknown): PackedValue {
  try {
    return planOf(value);
  } catch (error) {
    throw new PitwallError('NOT_CLONEABLE', shortened(reasonOf(error)), { cause: error });
  }
}

/** To look at more takes as long as V8 itself. */
const mostObjectsLookedAt = 2000;

function planOf(value: unknown): PackedValue {
  const { found, isComplete } = bareBuffersIn(value, mostObjectsLookedAt);
  const serialized = serializedWith(found, value);
  if (isComplete || !scanPlain(serialized.plain).hasBuffer) return planOver(serialized);
  // There was a buffer among those many objects.
  return planOver(serializedWith(bareBuffersIn(value).found, value));
}

function serializedWith(found: ArrayBufferLike[], value: unknown): Serialized {
  const serializer = new PlainSerializer(found);
  serializer.writeHeader();
  serializer.writeValue(value);
  const { bare, views, kinds } = serializer;
  return { plain: serializer.releaseBuffer(), bare, views, kinds };
}

interface Serialized {
  readonly plain: Buffer;
  readonly bare: readonly ArrayBufferLike[];
  readonly views: readonly ArrayBufferView[];
  readonly kinds: readonly number[];
}

function planOver({ plain, bare, views, kinds }: Serialized): PackedValue {
  const regions = new PackedRegions();
  for (const buffer of bare) regions.show(buffer, 0, buffer.byteLength);
  for (const { buffer, byteOffset, byteLength } of views) regions.show(buffer, byteOffset, byteOffset + byteLength);
  const placed = regions.place(headBytes(plain.length, bare.length, views.length));

  const memoryOf = new Map(bare.map((buffer, index) => [buffer, index + 1]));
  const head = writeHead({
    plain,
    buffers: bare.map((buffer) => ({ at: regions.placeOf(buffer, 0), bytes: buffer.byteLength })),
    views: views.map((view, index) => {
      const { buffer, byteOffset, byteLength: bytes } = view;
      const kind = kinds[index] ?? 0;
      const memory = memoryOf.get(buffer);
      if (memory !== undefined) return { kind, memory, at: byteOffset, bytes };
      return { kind, memory: 0, at: bytes === 0 ? 0 : regions.placeOf(buffer, byteOffset), bytes };
    }),
  });
  const chunks: Uint8Array[] = [head];
  let end = head.length;
  for (const region of placed.regions) {
    if (region.at > end) chunks.push(zeros.subarray(0, region.at - end));
    chunks.push(new Uint8Array(region.buffer, region.start, region.end - region.start));
    end = region.at + region.end - region.start;
  }
  return {
    bytes: placed.end,
    chunks,
    copyTo: (into) => {
      let at = 0;
      for (const chunk of chunks) {
        into.set(chunk, at);
        at += chunk.length;
      }
    },
  };
}

/** More than ever lies between two regions. */
const zeros = new Uint8Array(16);

/** V8's serialiser, which here gets to see everything but the bytes of arrays. */
class PlainSerializer extends Serializer {
  readonly bare: ArrayBufferLike[];
  readonly views: ArrayBufferView[] = [];
  readonly kinds: number[] = [];

  constructor(bare: ArrayBufferLike[]) {
    super();
    this.bare = bare;
    // Of Node, and not in its types.
    (this as unknown as SerializerInternals)._setTreatArrayBufferViewsAsHostObjects(true);
    bare.forEach((buffer, id) => {
      if (isArrayBuffer(buffer)) this.transferArrayBuffer(id, buffer);
    });
  }

  /** Called by V8 with each view, once however often it stands there, and with what only this process can hold. */
  _writeHostObject(object: object): void {
    if (!ArrayBuffer.isView(object)) throw new TypeError(`${told(object)} could not be cloned.`);
    this.kinds.push(viewKindOf(object));
    this.writeUint32(this.views.push(object) - 1);
  }

  /** Called by V8 with each bare SharedArrayBuffer. */
  _getSharedArrayBufferId(buffer: SharedArrayBuffer): number {
    const index = this.bare.indexOf(buffer);
    return index === -1 ? this.bare.push(buffer) - 1 : index;
  }
}

interface SerializerInternals {
  _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void;
}

/** V8 quotes what it could not clone: the whole source text of a function. */
const longestReason = 300;

function shortened(reason: string): string {
  return reason.length <= longestReason ? reason : `${reason.slice(0, 150)} … ${reason.slice(-100)}`;
}
