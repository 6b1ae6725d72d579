import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { reasonOf } from '../errors/index.ts';
import { escapedKey } from './tags.ts';

/** Deeper than this is left out: no result is meant to be, and a recursion without an end must not overflow the stack. */
const deepestLevel = 100;

/** In characters: what takes few of them takes its time too, and the training waits for it. */
const valueCost = 16;
const objectCost = 48;

/** A value grew past the characters that it may take. */
export class TooLong extends Error {}

/**
 * Writes a value as JSON in one pass, with what JSON lacks tagged (see `tags.ts`).
 *
 * A property that is `undefined` is left out, as in JSON; in an array it is `null`. A class's instance is its own fields, or what
 * its `toJSON` gives. An Error is `{ name, message, code?, cause? }`. Functions, symbols, promises, references to an enclosing
 * value and properties that throw are `{ $omitted }` with the reason.
 *
 * @param maxChars how long it may get
 * @returns the JSON text, or `undefined` for `undefined`.
 * @throws {TooLong} and nothing else.
 */
export function encodeValue(value: unknown, maxChars: number): string | undefined {
  return encode(value, { charsLeft: maxChars, ancestors: [] });
}

/** Says in the journal that something could not be written. */
export function omitted(why: string): string {
  return `{"$omitted":${JSON.stringify(why)}}`;
}

interface Pass {
  charsLeft: number;
  readonly ancestors: object[];
}

function encode(value: unknown, pass: Pass): string | undefined {
  spend(pass, valueCost);
  switch (typeof value) {
    case 'string':
      spend(pass, value.length);
      return JSON.stringify(value);
    case 'number':
      return encodeNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    case 'bigint':
      return `{"$bigint":"${value}"}`;
    case 'symbol':
      return omitted(String(value));
    case 'function':
      return omitted('a function');
    case 'object':
      return value === null ? 'null' : encodeObject(value, pass);
  }
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) return `{"$number":"${value}"}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function encodeObject(value: object, pass: Pass): string {
  spend(pass, objectCost);
  const { ancestors } = pass;
  if (ancestors.includes(value)) return omitted('a reference to what contains it');
  if (ancestors.length >= deepestLevel) return omitted(`deeper than ${deepestLevel} levels`);
  ancestors.push(value);
  try {
    return encodeContents(value, pass);
  } catch (error) {
    if (error instanceof TooLong) throw error;
    return omitted(`it throws when it is read: ${reasonOf(error)}`);
  } finally {
    ancestors.pop();
  }
}

function encodeContents(value: object, pass: Pass): string {
  if (Array.isArray(value)) return encodeList(value, pass);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (ArrayBuffer.isView(value)) return encodeBytes(value, value);
    if (types.isAnyArrayBuffer(value)) return encodeBytes(value, new Uint8Array(value));
    if (types.isDate(value)) return encodeDate(value);
    if (types.isMap(value)) return `{"$map":${encodeList([...value], pass)}}`;
    if (types.isSet(value)) return `{"$set":${encodeList([...value], pass)}}`;
    if (types.isPromise(value)) return omitted('a promise: was an await forgotten?');
    if (types.isNativeError(value) || value instanceof Error) return encodeProperties(plainError(value), pass);
    if (types.isRegExp(value)) return JSON.stringify(String(value));
    if (types.isBoxedPrimitive(value)) return encode(value.valueOf(), pass) ?? 'null';
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return encode(toJSON.call(value, ''), pass) ?? 'null';
  return encodeProperties(value, pass);
}

function encodeList(values: readonly unknown[], pass: Pass): string {
  if (values.length * valueCost > pass.charsLeft) throw new TooLong();
  if (isPlainNumbers(values)) {
    spend(pass, values.length * valueCost);
    return JSON.stringify(values);
  }
  let text = '';
  for (let index = 0; index < values.length; index++) {
    text += `${index === 0 ? '' : ','}${encode(values[index], pass) ?? 'null'}`;
  }
  return `[${text}]`;
}

/** What is long is most often of numbers, as predictions are, and these JSON writes five times as quickly. */
function isPlainNumbers(values: readonly unknown[]): values is readonly number[] {
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value) || Object.is(value, -0)) return false;
  }
  return !('toJSON' in values);
}

function encodeProperties(value: object, pass: Pass): string {
  let text = '';
  for (const key of Object.keys(value)) {
    const encoded = encodeProperty(value, key, pass);
    if (encoded === undefined) continue;
    spend(pass, key.length);
    text += `${text === '' ? '' : ','}${JSON.stringify(escapedKey(key))}:${encoded}`;
  }
  return `{${text}}`;
}

/** A getter that throws costs itself, not what stands beside it. */
function encodeProperty(value: object, key: string, pass: Pass): string | undefined {
  let property: unknown;
  try {
    property = (value as Record<string, unknown>)[key];
  } catch (error) {
    return omitted(`it throws when it is read: ${reasonOf(error)}`);
  }
  return encode(property, pass);
}

function encodeBytes(value: object, view: ArrayBufferView): string {
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  const length = 'length' in view ? (view as Uint8Array).length : view.byteLength;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return `{"$array":"${kind}","length":${length},"sha256":"${sha256}"}`;
}

function encodeDate(date: Date): string {
  const ms = Date.prototype.getTime.call(date);
  return Number.isNaN(ms) ? '{"$date":null}' : `{"$date":"${new Date(ms).toISOString()}"}`;
}

function plainError(error: Error): object {
  const { name, message, cause } = error;
  const { code } = error as { code?: unknown };
  return { name, message, code, cause };
}

function spend(pass: Pass, chars: number): void {
  pass.charsLeft -= chars;
  if (pass.charsLeft < 0) throw new TooLong();
}
