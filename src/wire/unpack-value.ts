import { Deserializer, getHeapStatistics } from 'node:v8';
import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { readHead, type UncheckedHead } from './packed-head.ts';
import { scanPlain } from './plain-scan.ts';
import { viewOver } from './view-kinds.ts';

/**
 * Reads a packed value. Its views lie over the memory of `file` itself, which is theirs from here on; only bare buffers are copied
 * out of it.
 *
 * Whoever wrote the file may be hostile: what it says is checked, and what would not fit into this process's heap is refused.
 *
 * @param file the whole file, at a place that is its own or not
 * @param options `heapBytes`: how much heap the value may take, beside the memory of its arrays (default: half of what is free, at
 * least 16 MB; `Infinity` for a writer that is trusted)
 * @throws {PitwallError} `NOT_A_PACKED_VALUE` for a foreign, broken or shortened file, and for a value that is too large.
 */
export function unpackValue(file: Uint8Array, { heapBytes = freeHeapShare() }: UnpackOptions = {}): unknown {
  try {
    const { buffer, byteOffset, byteLength } = ownMemory(file);
    return valueIn(Buffer.from(buffer, byteOffset, byteLength), buffer, heapBytes);
  } catch (error) {
    const message = `This is not a value that Pitwall has packed, or it is broken: ${reasonOf(error)}`;
    throw new PitwallError('NOT_A_PACKED_VALUE', message, { cause: error });
  }
}

export interface UnpackOptions {
  readonly heapBytes?: number;
}

function valueIn(file: Buffer, memory: ArrayBuffer, heapBytes: number): unknown {
  const head = readHead(file);
  const entries = head.bufferCount + head.viewCount;
  const { heapBytes: plainHeapBytes, hasResizable } = scanPlain(head.plain);
  // V8 would reserve as much as it says it may become.
  if (hasResizable) throw new Error('it has a resizable buffer in its plain part');
  const wanted = plainHeapBytes + entries * entryHeapBytes;
  if (wanted > heapBytes)
    throw new Error(
      `its numbers, texts and objects would take about ${megabytes(wanted)} MB of heap, and ${megabytes(heapBytes)} MB may be used: put them into typed arrays`,
    );
  const deserializer = new PlainDeserializer(head, [memory, ...bareBuffers(head, file)]);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Of a view or a buffer, its memory not counted. */
const entryHeapBytes = 256;
const leastHeapBytes = 16 * 2 ** 20;

/** Half of what is free, because V8 needs as much again to move things about. */
function freeHeapShare(): number {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  return Math.max(leastHeapBytes, (limit - used) / 2);
}

/** A small file may lie in a pool that others use too: its views would show their bytes, and be moved to other places. */
function ownMemory(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = file;
  const isAlone = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  return isAlone ? new Uint8Array(buffer) : new Uint8Array(file);
}

function bareBuffers({ bufferCount, bufferAt }: UncheckedHead, file: Buffer): ArrayBuffer[] {
  let left = file.length;
  return Array.from({ length: bufferCount }, (_, index) => {
    const { at, bytes } = bufferAt(index);
    const inside = Number.isSafeInteger(at) && Number.isSafeInteger(bytes) && at >= 0 && bytes >= 0;
    // Each byte of the file stands for one of a buffer at most.
    if (!inside || at + bytes > file.length || bytes > left)
      throw new Error(`a buffer of ${bytes} bytes does not lie at ${at} of ${file.length} bytes`);
    left -= bytes;
    return new Uint8Array(file.subarray(at, at + bytes)).buffer;
  });
}

/** V8's reader; views are made when it comes upon them, each once. */
class PlainDeserializer extends Deserializer {
  readonly #head: UncheckedHead;
  readonly #memories: readonly ArrayBuffer[];
  readonly #views = new Map<number, ArrayBufferView>();

  constructor(head: UncheckedHead, memories: readonly ArrayBuffer[]) {
    super(head.plain);
    this.#head = head;
    this.#memories = memories;
    memories.slice(1).forEach((buffer, id) => {
      this.transferArrayBuffer(id, buffer);
    });
  }

  /** Called by V8 where a view stands. */
  _readHostObject(): ArrayBufferView {
    const index = this.readUint32();
    const view = this.#views.get(index) ?? this.#viewAt(index);
    this.#views.set(index, view);
    return view;
  }

  #viewAt(index: number): ArrayBufferView {
    if (index >= this.#head.viewCount) throw new Error(`there is no view ${index}`);
    const { kind, memory, at, bytes } = this.#head.viewAt(index);
    const found = this.#memories[memory];
    if (found === undefined) throw new Error(`there is no memory ${memory}`);
    return viewOver(found, kind, at, bytes);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
