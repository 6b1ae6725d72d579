import { isAnyArrayBuffer, isMap, isNativeError, isProxy, isSet } from 'node:util/types';

/** What was found, and whether everything was looked at. */
export interface BareBuffers {
  readonly found: ArrayBufferLike[];
  readonly isComplete: boolean;
}

/**
 * Finds the ArrayBuffers and SharedArrayBuffers that stand in a value themselves, not only under a view: V8 asks nobody before it
 * copies those.
 *
 * What a getter makes anew at each reading is not found, and then copied by V8. A detached one is left for V8 to refuse.
 *
 * @param mostObjects so many objects are looked at, those near the top first
 */
export function bareBuffersIn(value: unknown, mostObjects = Infinity): BareBuffers {
  const found: ArrayBufferLike[] = [];
  const seen = new Set<object>();
  const meet = (inner: unknown): void => {
    // A set is walked in the order of insertion, what is added on the way too: it is the queue.
    if (typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner)) seen.add(inner);
  };
  meet(value);
  let visited = 0;
  for (const next of seen) {
    if (++visited > mostObjects) return { found, isComplete: false };
    if (!isAnyArrayBuffer(next)) meetInner(next, meet);
    else if (!isDetached(next)) found.push(next);
  }
  return { found, isComplete: true };
}

function meetInner(value: object, meet: (inner: unknown) => void): void {
  if (isProxy(value)) return; // V8 refuses it
  if (isNativeError(value)) meet(value.cause);
  else if (Array.isArray(value)) meetElements(value, meet);
  else if (isMap(value)) {
    for (const [key, inner] of value) {
      meet(key);
      meet(inner);
    }
  } else if (isSet(value)) {
    for (const inner of value) meet(inner);
  } else {
    for (const key of Object.keys(value)) meet((value as Record<string, unknown>)[key]);
  }
}

/** An array of a billion holes is not walked hole by hole. */
const longArray = 4096;

function meetElements(array: readonly unknown[], meet: (inner: unknown) => void): void {
  const looksSparse = array.length > longArray && !(1 in array && array.length >> 1 in array);
  if (looksSparse) Object.values(array).forEach(meet);
  else for (const inner of array) meet(inner);
}

function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).byteLength > 0;
  } catch {
    return true;
  }
}
