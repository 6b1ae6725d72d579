import { isDataView } from 'node:util/types';
import { told } from '../errors/told.ts';

/** Makes a view over memory that is there: nothing is copied. */
type MakeView = (memory: ArrayBuffer, offset: number, bytes: number) => ArrayBufferView;

interface ViewKind {
  readonly name: string;
  readonly elementBytes: number;
  readonly over: MakeView;
}

type TypedArrayConstructor = new (memory: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

function arrayKind(name: string, elementBytes: number): ViewKind {
  return {
    name,
    elementBytes,
    over: (memory, offset, bytes) => {
      // Looked up late: the newest of them are not in every runtime.
      const Constructor = (globalThis as Record<string, unknown>)[name] as TypedArrayConstructor | undefined;
      if (Constructor === undefined) throw new Error(`a ${name} came, and Node ${process.version} has none`);
      return new Constructor(memory, offset, bytes / elementBytes);
    },
  };
}

/** Every kind of view; a kind's place in the list is what stands in a packed value, so the order is for ever. */
const viewKinds: readonly ViewKind[] = [
  { name: 'Buffer', elementBytes: 1, over: (memory, offset, bytes) => Buffer.from(memory, offset, bytes) },
  { name: 'DataView', elementBytes: 1, over: (memory, offset, bytes) => new DataView(memory, offset, bytes) },
  arrayKind('Int8Array', 1),
  arrayKind('Uint8Array', 1),
  arrayKind('Uint8ClampedArray', 1),
  arrayKind('Int16Array', 2),
  arrayKind('Uint16Array', 2),
  arrayKind('Int32Array', 4),
  arrayKind('Uint32Array', 4),
  arrayKind('Float32Array', 4),
  arrayKind('Float64Array', 8),
  arrayKind('BigInt64Array', 8),
  arrayKind('BigUint64Array', 8),
  arrayKind('Float16Array', 2),
];

const indexByName = new Map(viewKinds.map(({ name }, index) => [name, index]));
const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/**
 * Tells the kind of a view, of a subclass the kind that it extends.
 *
 * @throws {TypeError} for a view of a detached buffer, or one that its shrunken buffer no longer holds.
 */
export function viewKindOf(view: ArrayBufferView): number {
  // Of memory that is not there a DataView throws at once; for an array its length reads as 0, and any method throws.
  if (view.byteLength === 0 && !isDataView(view)) typedArrayPrototype.keys.call(view as Uint8Array);
  const name = Buffer.isBuffer(view) ? 'Buffer' : isDataView(view) ? 'DataView' : arrayName(view);
  const index = indexByName.get(name);
  if (index === undefined) throw new TypeError(`${told(view)} could not be cloned.`);
  return index;
}

/** Also of a subclass, and of another realm. */
function arrayName(view: ArrayBufferView): string {
  return Reflect.get(typedArrayPrototype, Symbol.toStringTag, view);
}

/**
 * Makes the view that was packed as these numbers, which may be anything.
 *
 * @throws {Error} where there is no such kind here, or the memory does not hold it.
 */
export function viewOver(memory: ArrayBuffer, kind: number, offset: number, bytes: number): ArrayBufferView {
  const found = viewKinds[kind];
  if (found === undefined) throw new Error(`there is no kind ${kind} of arrays`);
  const { name, elementBytes, over } = found;
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(bytes) && offset >= 0 && bytes >= 0;
  if (!inside || offset + bytes > memory.byteLength || bytes % elementBytes !== 0 || offset % elementBytes !== 0)
    throw new Error(`a ${name} of ${bytes} bytes does not lie at ${offset} of ${memory.byteLength} bytes`);
  return over(memory, offset, bytes);
}
