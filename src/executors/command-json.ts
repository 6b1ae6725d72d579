import { reasonOf, told } from '../errors/index.ts';
import type { ArraysAside } from './command-arrays.ts';

/** JSON text whose paths of arrays are not known yet: bytes as they are, or the number of an array. */
export type JsonPiece = string | { readonly array: number };

/** What cannot stand in JSON: the message names the culprit by its path. */
export class NotPlainError extends TypeError {}

/**
 * Writes a value as JSON, as `JSON.stringify` does, but that each typed array is put aside and stands there as
 * `{"$npy": path}`. A `Map` with string keys is written as an object, a `Set` as an array; NaN and the infinities as `null`.
 *
 * @param path how the value is called in an error: `input.weights`
 * @throws {NotPlainError} for a function, a symbol, a BigInt, a promise and a cycle.
 */
export function jsonWithArrays(value: unknown, path: string, arrays: ArraysAside): readonly JsonPiece[] {
  const writer = new JsonWriter(arrays);
  try {
    if (!writer.write(value, path, '')) throw new NotPlainError(`${path} is ${told(value)}`);
  } catch (error) {
    if (error instanceof RangeError) throw new NotPlainError(`${path} is too deep or too large (${error.message})`);
    throw error;
  }
  return writer.pieces();
}

/** Who reads JSON takes about so many levels: Python's reader does. */
const deepest = 1000;

class JsonWriter {
  readonly #arrays: ArraysAside;
  readonly #done: JsonPiece[] = [];
  readonly #ancestors = new Set<object>();
  #text = '';

  constructor(arrays: ArraysAside) {
    this.#arrays = arrays;
  }

  pieces(): readonly JsonPiece[] {
    return [...this.#done, this.#text];
  }

  /** @returns false for what JSON leaves out: `undefined`. */
  write(given: unknown, path: string, key: string): boolean {
    const value = hasToJson(given) ? given.toJSON(key) : given;
    switch (typeof value) {
      case 'undefined':
        return false;
      case 'string':
      case 'boolean':
      case 'number':
        this.#text += JSON.stringify(value);
        return true;
      case 'bigint':
        throw new NotPlainError(`${path} is a BigInt (${value}n): pass Number(x) or String(x)`);
      case 'function':
      case 'symbol':
        throw new NotPlainError(`${path} is a ${typeof value}`);
      case 'object':
        this.#writeObject(value, path);
        return true;
    }
  }

  #writeObject(value: object | null, path: string): void {
    if (value === null) {
      this.#text += 'null';
      return;
    }
    const array = this.#put(value, path);
    if (array !== undefined) {
      this.#done.push(`${this.#text}{"$npy":`, { array });
      this.#text = '}';
      return;
    }
    if (this.#ancestors.has(value)) throw new NotPlainError(`${path} contains itself (a cycle)`);
    if (this.#ancestors.size >= deepest) throw new RangeError(`over ${deepest} levels`);
    this.#ancestors.add(value);
    if (Array.isArray(value) || value instanceof Set) this.#writeList(value as Iterable<unknown>, path);
    else this.#writeRecord(value, path);
    this.#ancestors.delete(value);
  }

  #put(value: object, path: string): number | undefined {
    try {
      return this.#arrays.put(value);
    } catch (error) {
      throw new NotPlainError(`${path} cannot be read (${reasonOf(error)})`, { cause: error });
    }
  }

  #writeList(values: Iterable<unknown>, path: string): void {
    let index = 0;
    this.#text += '[';
    for (const value of values) {
      if (index > 0) this.#text += ',';
      if (!this.write(value, `${path}[${index}]`, String(index))) this.#text += 'null';
      index++;
    }
    this.#text += ']';
  }

  #writeRecord(value: object, path: string): void {
    let isFirst = true;
    this.#text += '{';
    for (const [key, inner] of entriesOf(value, path)) {
      const before = this.#text;
      this.#text += `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
      if (this.write(inner, memberPath(path, key), key)) isFirst = false;
      else this.#text = before;
    }
    this.#text += '}';
  }
}

function entriesOf(value: object, path: string): Iterable<readonly [string, unknown]> {
  if (value instanceof Map) {
    const map = value as ReadonlyMap<unknown, unknown>;
    for (const key of map.keys())
      if (typeof key !== 'string')
        throw new NotPlainError(`${path} is a Map with the key ${told(key)}, but the keys of JSON are strings`);
    return map as ReadonlyMap<string, unknown>;
  }
  if (value instanceof Promise) throw new NotPlainError(`${path} is a promise: await it first`);
  return Object.entries(value);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  // A Buffer has one too: it is a typed array first.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
}

function memberPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${told(key)}]`;
}
