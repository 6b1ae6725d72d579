import winston from 'winston';
import type { TransportWatch } from './guarded-transport.ts';
import type { TransportLike } from './transport.ts';

/** What is looked at in winston's File transport: the stream that it fills, and the file behind it. */
interface FileParts {
  readonly _stream?: { readonly writableLength: number; readonly readableLength: number };
  readonly _dest?: { readonly writableLength: number; readonly errored?: unknown };
}

/**
 * Watches winston's File transport, which keeps it to itself when its file cannot be opened or written (a full disk), answers some
 * hundred lines more, and then none; `undefined` for any other transport.
 */
export function watchOfFile(transport: TransportLike): TransportWatch | undefined {
  return transport instanceof winston.transports.File ? new FileWatch(transport as FileParts) : undefined;
}

class FileWatch implements TransportWatch {
  readonly isOutWhenFinished = true;
  readonly #file: FileParts;
  /** Lines that it was given since all was last known to be in the file. */
  #unwritten = 0;
  #hasRaised = false;

  constructor(file: FileParts) {
    this.#file = file;
  }

  get hasFailed(): boolean {
    return this.#hasRaised || (this.#file._dest?.errored ?? null) !== null;
  }

  look(): number {
    const { _stream, _dest } = this.#file;
    const waiting = (_stream?.writableLength ?? 0) + (_stream?.readableLength ?? 0) + (_dest?.writableLength ?? 1);
    const lost = this.hasFailed ? this.#unwritten : 0;
    if (this.hasFailed || waiting === 0) this.#unwritten = 0;
    return lost;
  }

  given(): void {
    this.#unwritten++;
  }

  /** It raises an error where it cannot even look for its file, and never opens one afterwards. */
  failed(): boolean {
    this.#hasRaised = true;
    return true;
  }
}
