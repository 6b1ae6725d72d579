import { told } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { filesOf } from '../wire/index.ts';
import { AnswerFiles, MissingFile, UnusableFile } from './answer-files.ts';
import { outputFile } from './command-input.ts';
import { parseLenientJson } from './lenient-json.ts';
import { readNpyFile } from './npy-file.ts';
import type { NpyArray } from './npy.ts';
import type { Answer } from './supervised-execution.ts';

type CommandAnswer = Pick<Answer, 'folder' | 'stdout' | 'name' | 'maxResultMb'>;

/** As much of a command's stdout is kept as this; of more, the first line is the end of one. */
const keptStdoutBytes = 65_536;

/**
 * Reads what a command has answered: the JSON in the file that stood for `{output}`, or else the last line of its stdout that is
 * JSON. `{"$npy": path}` in it is a typed array, or `{ data, shape }` where it has not one dimension.
 *
 * @throws {EvaluationError} `rejected`: `RESULT_NOT_FOUND`, `RESULT_INVALID` (no JSON, or a file that cannot be taken), or
 * `RESULT_TOO_LARGE` above `maxResultMb`, its arrays included.
 */
export async function readCommandResult(answer: CommandAnswer): Promise<unknown> {
  const files = new AnswerFiles(answer);
  const text = await textOf(outputFile(answer.folder), files, answer);
  if (text === undefined) return withArrays(lastJson(answer), files, answer);
  return withArrays(parsed(text, answer), files, answer);
}

/**
 * Reads the last partial result that a command told, of whose JSON the supervisor has made a file; its arrays as in a result.
 *
 * @throws {EvaluationError} as {@link readCommandResult}.
 */
export async function readCommandPartial(answer: CommandAnswer): Promise<unknown> {
  const files = new AnswerFiles(answer);
  const text = (await textOf(filesOf(answer.folder).partial, files, answer)) ?? '';
  return withArrays(parsed(text, answer), files, answer);
}

async function textOf(path: string, files: AnswerFiles, { name }: CommandAnswer): Promise<string | undefined> {
  try {
    await files.measure(path);
    return (await files.bytes(path)).toString('utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof MissingFile) return undefined;
    if (cause instanceof EvaluationError) throw cause;
    // A text of more than half a GB is no string any more.
    const why = cause instanceof UnusableFile ? cause.message : 'is too long a text: save arrays as .npy files';
    throw invalid(`The file that stood for {output} in the command of "${name}" ${why}.`, cause);
  }
}

function parsed(text: string, { name }: CommandAnswer): unknown {
  try {
    return parseLenientJson(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'is empty' : `begins with ${told(text.trim())}, which is no JSON`;
    throw invalid(
      `The result of "${name}" must be JSON, but the file that stood for {output} ${what}: write it with json.dump, or what your language has for it.`,
      cause,
    );
  }
}

function lastJson({ stdout, name }: CommandAnswer): unknown {
  const isCut = Buffer.byteLength(stdout) >= keptStdoutBytes;
  const lines = stdout.split(/\r?\n/).slice(isCut ? 1 : 0);
  for (const line of lines.toReversed()) {
    if (line.trim() === '') continue;
    try {
      return parseLenientJson(line);
    } catch {
      // something else that it printed
    }
  }
  const last = lines.findLast((line) => line.trim() !== '')?.trim();
  if (last?.startsWith('{') === true)
    throw invalid(
      `The result of "${name}" must be JSON, but the last line of its stdout is ${told(last)}: print it with json.dumps, or what your language has for it.`,
    );
  throw new EvaluationError('rejected', 'RESULT_NOT_FOUND', `${notFound(name, last)}${isCut ? tooLongForStdout : ''}`);
}

function notFound(name: string, last: string | undefined): string {
  const printed =
    last === undefined ? 'nothing on its stdout' : `no line of JSON on its stdout (the last is ${told(last)})`;
  return `The command of "${name}" ended well, but left no result: no file for {output}, and ${printed}. Write the result as JSON to {output}, or print it as the last line.`;
}

const tooLongForStdout = ' Of stdout the last 64 KB are read: what is longer belongs into {output}.';

/** An object or array of the answer, and where in it an array stands. */
interface Reference {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

async function withArrays(value: unknown, files: AnswerFiles, { name }: CommandAnswer): Promise<unknown> {
  const whole = { value };
  const references = referencesIn(whole, name);
  /** Each file once, as it was first written, so that no more is read than was measured. */
  const paths = new Map(references.toReversed().map(({ path }) => [files.at(path), path]));
  const arrays = new Map<string, NpyArray>();
  try {
    for (const path of paths.values()) await named(path, name, files.measure(path));
    for (const [whole, path] of paths) arrays.set(whole, await named(path, name, files.read(path, readNpyFile)));
  } catch (cause) {
    if (cause instanceof EvaluationError) throw cause;
    throw invalid(`The arrays of the result of "${name}" could not be read.`, cause);
  }
  for (const { holder, key, path } of references) holder[key] = arrays.get(files.at(path));
  return whole.value;
}

async function named<T>(path: string, name: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof EvaluationError || !(cause instanceof TypeError)) throw cause;
    throw invalid(`The array ${told(path)} in the result of "${name}" ${cause.message}.`, cause);
  }
}

/** A loop, not a recursion: an answer may be nested deeper than the stack. */
function referencesIn(whole: { readonly value: unknown }, name: string): Reference[] {
  const references: Reference[] = [];
  const open: Record<string, unknown>[] = [whole];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    for (const key in holder) {
      const value = holder[key];
      if (typeof value !== 'object' || value === null) continue;
      if (!('$npy' in value) || Object.keys(value).length !== 1) open.push(value as Record<string, unknown>);
      else if (typeof value.$npy === 'string') references.push({ holder, key, path: value.$npy });
      else
        throw invalid(
          `In the result of "${name}" "$npy" must be the path of a .npy file, but ${told(value.$npy)} came.`,
        );
    }
  }
  return references;
}

function invalid(message: string, cause?: unknown): EvaluationError {
  return new EvaluationError('rejected', 'RESULT_INVALID', message, { cause });
}
