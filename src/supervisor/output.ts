import type { Readable } from 'node:stream';
import { lastBytes, OutputLog } from './output-log.ts';
import { SlowReader } from './slow-reader.ts';

const lastWordsBytes = 4096;
const stdoutTailBytes = 65_536;
const patienceMs = 50;

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
    this.#readers = [
      new SlowReader(stdout, (chunk) => {
        if (this.#keepsStdout) this.#stdoutTail = lastBytes(this.#stdoutTail, chunk, stdoutTailBytes);
        return this.#take(chunk, this.#logs[0]);
      }),
      new SlowReader(stderr, (chunk) => this.#take(chunk, this.#logs[1])),
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
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([Promise.all([...this.#readers, ...others].map((reader) => reader.toEnd())), patience]);
    clearTimeout(timer);
  }

  /** Closes the files of the present evaluation. */
  async end(): Promise<void> {
    const logs = this.#logs;
    await Promise.all(logs.map((log) => log.close()));
  }

  #take(chunk: Buffer, log: OutputLog): Promise<void> | undefined {
    this.#lastWords = lastBytes(this.#lastWords, chunk, lastWordsBytes);
    return log.take(chunk);
  }
}
