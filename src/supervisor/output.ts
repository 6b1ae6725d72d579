import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { lastBytes, OutputLog } from './output-log.ts';
import { SlowReader } from './slow-reader.ts';

const lastWordsBytes = 4096;
const stdoutTailBytes = 65_536;
/** Where nothing has come for so long, nothing will. */
const patienceMs = 50;
/** Who holds a pipe open and goes on writing is no longer listened to after so long, or so much: what the dead left was less. */
const longestMs = 250;
const mostBytes = 2 ** 21;
/** In so many turns of the loop all that lies in a pipe is read. */
const quietTurns = 3;

/**
 * What one evaluator's process prints: read slowly, written to the files of the present evaluation, and its last words kept. A warm
 * process serves one evaluation after the other.
 */
export class Output {
  readonly #readers: readonly SlowReader[];
  #logs: readonly [OutputLog, OutputLog] = [new OutputLog(undefined, 'stdout'), new OutputLog(undefined, 'stderr')];
  #lastWords = Buffer.alloc(0);
  #stdoutTail = Buffer.alloc(0);
  #keepsStdout = false;

  constructor([stdout, stderr]: readonly [Readable, Readable]) {
    // What a chunk costs is not up to who prints it: no need to cut it.
    const whole = { pieceBytes: Infinity };
    this.#readers = [
      new SlowReader(
        stdout,
        (chunk) => {
          if (this.#keepsStdout) this.#stdoutTail = lastBytes(this.#stdoutTail, chunk, stdoutTailBytes);
          return this.#take(chunk, this.#logs[0]);
        },
        whole,
      ),
      new SlowReader(stderr, (chunk) => this.#take(chunk, this.#logs[1]), whole),
    ];
  }

  /** From here on it is another evaluation's. */
  begin(logFolder: string | undefined, { keepsStdout }: { readonly keepsStdout: boolean }): void {
    this.#logs = [new OutputLog(logFolder, 'stdout'), new OutputLog(logFolder, 'stderr')];
    this.#lastWords = Buffer.alloc(0);
    this.#stdoutTail = Buffer.alloc(0);
    this.#keepsStdout = keepsStdout;
  }

  /** The last 4 KB of both. */
  get lastWords(): string {
    return this.#lastWords.toString('utf8');
  }

  get stdoutTail(): string {
    return this.#stdoutTail.toString('utf8');
  }

  /** How many bytes of each stream are in no file. */
  get leftOut(): readonly { readonly stream: string; readonly bytes: number }[] {
    return (['stdout', 'stderr'] as const).map((stream, index) => ({ stream, bytes: this.#logs[index]?.leftOut ?? 0 }));
  }

  /** Reads what a dead process left in the pipes: its last words tell most. Somebody who was not found may hold them open. */
  async readToEnd(...others: readonly SlowReader[]): Promise<void> {
    const readers = [...this.#readers, ...others];
    const ended = new AbortController();
    await Promise.race([Promise.all(readers.map((reader) => reader.toEnd())), silence(readers, ended.signal)]);
    ended.abort();
  }

  /** Reads what a process that is kept, and stopped, has left in the pipes: what it printed before its answer is in its files. */
  async drain(): Promise<void> {
    for (const reader of this.#readers) reader.hurry();
    const goesOn = bounded(this.#readers);
    for (let quiet = 0; quiet < quietTurns && goesOn();) {
      const before = takenBytes(this.#readers);
      await new Promise(setImmediate);
      quiet = takenBytes(this.#readers) === before ? quiet + 1 : 0;
    }
    for (const reader of this.#readers) reader.relax();
  }

  /** Closes the files of the present evaluation, in bounded time. */
  async end(): Promise<void> {
    const logs = this.#logs;
    await Promise.all(logs.map((log) => log.close()));
  }

  #take(chunk: Buffer, log: OutputLog): Promise<void> | undefined {
    this.#lastWords = lastBytes(this.#lastWords, chunk, lastWordsBytes);
    return log.take(chunk);
  }
}

/** Resolves when nothing has come for a while, or too much. A late timer fires before what came meanwhile is read: so one turn more. */
async function silence(readers: readonly SlowReader[], signal: AbortSignal): Promise<void> {
  const goesOn = bounded(readers);
  let before: number;
  do {
    before = takenBytes(readers);
    await delay(patienceMs, undefined, { signal });
    await new Promise(setImmediate);
  } while (takenBytes(readers) !== before && goesOn());
}

/** @returns a function that tells whether not too much was read since, and not for too long. */
function bounded(readers: readonly SlowReader[]): () => boolean {
  const untilMs = performance.now() + longestMs;
  const untilBytes = takenBytes(readers) + mostBytes;
  return () => performance.now() < untilMs && takenBytes(readers) < untilBytes;
}

function takenBytes(readers: readonly SlowReader[]): number {
  return readers.reduce((sum, reader) => sum + reader.takenBytes, 0);
}
