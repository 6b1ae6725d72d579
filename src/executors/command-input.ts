import { join } from 'node:path';
import { nearMatch, reasonOf, told } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { ArraysAside, inputFile } from './command-arrays.ts';
import { jsonWithArrays, NotPlainError, type JsonPiece } from './command-json.ts';
import type { CommandTemplate, TemplatePart } from './command-template.ts';
import type { InputFile } from './packed-input.ts';
import { SnapshotBuffers, type Snapshot } from './snapshot-buffers.ts';

/** One evaluation's command and input, as they were when it was packed: only where they will lie is still open. */
export interface PackedCommand {
  readonly argv: (folder: string) => string[];
  /** What is to be written there before the command runs. */
  readonly files: (folder: string) => readonly InputFile[];
  /** About so much room do they want. */
  readonly bytes: number;
  /** The files are written, or never will be: the memory of the arrays may be used again. */
  readonly release: () => void;
}

/** The file in place of `{output}`. */
export const outputFile = (folder: string): string => join(folder, 'output.json');

const inputName = 'input.json';
/** Linux takes 128 KB an argument; the rest is for paths. */
const longestArgumentBytes = 120 * 1024;

/**
 * Packs what a command needs of its input: the whole as JSON where it has `{input}`, the fields it names, and their arrays, copied
 * now, because the training goes on changing them.
 *
 * @throws {EvaluationError} `rejected`: `INPUT_FIELD_MISSING`, `INPUT_FIELD_INVALID` (no argument can hold it),
 * `INPUT_NOT_CLONEABLE` for what JSON cannot say, or `INPUT_TOO_LARGE`.
 */
export function packCommand({ program, args }: CommandTemplate, input: unknown, name: string): PackedCommand {
  const arrays = new ArraysAside();
  const plain = (value: unknown, path: string): readonly JsonPiece[] => {
    try {
      return jsonWithArrays(value, path, arrays);
    } catch (cause) {
      const reason = cause instanceof NotPlainError ? cause.message : `${path} cannot be read (${reasonOf(cause)})`;
      const message = `The input of "${name}" must be plain data (numbers, strings, objects, arrays, typed arrays), but ${reason}.`;
      throw new EvaluationError('rejected', 'INPUT_NOT_CLONEABLE', message, { cause });
    }
  };
  const pathOf = (folder: string, { array }: { readonly array: number }): string => join(folder, arrays.name(array));
  const inFolder = (pieces: readonly JsonPiece[], folder: string): string =>
    pieces.map((piece) => (typeof piece === 'string' ? piece : JSON.stringify(pathOf(folder, piece)))).join('');

  const packPart = (part: TemplatePart): ((folder: string) => string) => {
    switch (part.kind) {
      case 'text':
        return () => part.text;
      case 'input':
        return (folder) => join(folder, inputName);
      case 'output':
        return outputFile;
      case 'field': {
        const value = fieldOf(input, part.keys, name);
        if (typeof value === 'string') return () => value;
        if (typeof value === 'number' || typeof value === 'boolean') return () => String(value);
        const pieces = plain(value, ['input', ...part.keys].join('.'));
        const array = typeof value === 'object' && value !== null ? arrays.put(value) : undefined;
        if (array !== undefined) return (folder) => pathOf(folder, { array });
        return (folder) => bare(inFolder(pieces, folder));
      }
    }
  };
  const argOf = (parts: readonly TemplatePart[]): ((folder: string) => string) => {
    const packed = parts.map(packPart);
    const arg = (folder: string): string => packed.map((part) => part(folder)).join('');
    assertArgument(arg(''), parts, name);
    return arg;
  };
  const packedArgs = args.map(argOf);
  const isWhole = args.flat().some(({ kind }) => kind === 'input');
  const json = isWhole ? plain(input ?? null, 'input').map(encoded) : undefined;
  const { bytes: memory, release } = taken(arrays.bytes, name);
  const arrayFiles = arrays.copyTo(memory);
  const files = (folder: string): InputFile[] => {
    if (json === undefined) return arrayFiles;
    const chunks = json.map((piece) =>
      piece instanceof Uint8Array ? piece : Buffer.from(JSON.stringify(pathOf(folder, piece))),
    );
    return [inputFile(inputName, chunks), ...arrayFiles];
  };

  return {
    argv: (folder) => [program, ...packedArgs.map((arg) => arg(folder))],
    files,
    bytes: files('').reduce((sum, file) => sum + file.bytes, 0),
    release,
  };
}

/** The memory of all commands' arrays. */
const buffers = new SnapshotBuffers();

function taken(bytes: number, name: string): Snapshot {
  try {
    return buffers.take(bytes);
  } catch (cause) {
    const megabytes = (bytes / 2 ** 20).toFixed(1);
    const message = `The arrays in the input of "${name}" are ${megabytes} MB, more than can be copied at once (${reasonOf(cause)}): pass less, or the path of a file.`;
    throw new EvaluationError('rejected', 'INPUT_TOO_LARGE', message, { cause });
  }
}

function encoded(piece: JsonPiece): Uint8Array | { readonly array: number } {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/** What is text in JSON is text in an argument, without quotes: a date. */
function bare(json: string): string {
  return json.startsWith('"') ? String(JSON.parse(json)) : json;
}

function fieldOf(input: unknown, keys: readonly string[], name: string): unknown {
  const placeholder = `{${['input', ...keys].join('.')}}`;
  let value = input;
  for (const key of keys) {
    const holder = value;
    value =
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
        ? Reflect.get(holder, key)
        : undefined;
    if (value !== undefined) continue;
    const message = `The input of "${name}" has no field "${key}" for ${placeholder}: ${whatItHas(holder, key)}`;
    throw new EvaluationError('rejected', 'INPUT_FIELD_MISSING', message);
  }
  return value;
}

function whatItHas(holder: unknown, key: string): string {
  if (typeof holder !== 'object' || holder === null) return `${told(holder)} has no fields.`;
  if (Object.hasOwn(holder, key)) return 'its value is undefined.';
  const fields = ArrayBuffer.isView(holder) ? [] : Object.keys(holder);
  const near = nearMatch(key, fields);
  if (near !== undefined) return `did you mean "${near}"?`;
  const shown = fields.slice(0, 8).join(', ');
  return fields.length === 0 ? `${told(holder)} came.` : `it has ${shown}${fields.length > 8 ? ', …' : '.'}`;
}

function assertArgument(text: string, parts: readonly TemplatePart[], name: string): void {
  const bytes = Buffer.byteLength(text);
  if (!text.includes('\0') && bytes <= longestArgumentBytes) return;
  const field = parts.find(({ kind }) => kind === 'field');
  const placeholder = field?.kind === 'field' ? `{${['input', ...field.keys].join('.')}}` : 'its text';
  const why = text.includes('\0')
    ? 'has a NUL character, which no argument can hold'
    : `is ${Math.ceil(bytes / 1024)} KB long, and an argument holds 120 KB`;
  const message = `An argument of the command of "${name}" (${placeholder}) ${why}: pass the whole input by {input}.`;
  throw new EvaluationError('rejected', 'INPUT_FIELD_INVALID', message);
}
