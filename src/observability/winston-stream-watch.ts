import winston from 'winston';
import { hearErrors, type HeardStream } from './hear-errors.ts';
import type { TransportWatch } from './guarded-transport.ts';
import type { TransportLike } from './transport.ts';

/** What is looked at of a stream that lines go to. */
interface WatchedStream extends HeardStream {
  readonly writableLength?: number;
  readonly destroyed?: boolean;
  readonly errored?: unknown;
}

/** Where winston's Console transport writes to: the streams of Node's own console, where that has them. */
interface ConsoleParts {
  readonly _stdout?: WatchedStream;
  readonly _stderr?: WatchedStream;
}

/**
 * Watches the streams of winston's Console and Stream transports, which answer a line before it is written and leave a stream's
 * `error` to others: where nobody hears it, it ends the process. `undefined` for any other transport.
 */
export function watchOfStreams(transport: TransportLike): TransportWatch | undefined {
  const streams = streamsOf(transport);
  return streams.length === 0 ? undefined : new StreamWatch(streams);
}

function streamsOf(transport: TransportLike): readonly WatchedStream[] {
  const { Console, Stream } = winston.transports;
  if (transport instanceof Stream) return [(transport as unknown as { readonly _stream: WatchedStream })._stream];
  if (!(transport instanceof Console)) return [];
  const { _stdout, _stderr } = console as unknown as ConsoleParts;
  const { stderrLevels, consoleWarnLevels } = transport as unknown as Readonly<Record<string, object>>;
  const isSplit = Object.keys({ ...stderrLevels, ...consoleWarnLevels }).length > 0;
  return [_stdout, isSplit ? _stderr : undefined].filter((stream) => stream !== undefined);
}

class StreamWatch implements TransportWatch {
  readonly #streams: readonly WatchedStream[];
  /** Lines that it was given since all was last known to be written. */
  #unwritten = 0;
  #hasRaised = false;

  constructor(streams: readonly WatchedStream[]) {
    this.#streams = streams;
  }

  /** Stdout and stderr of the process are well again after each error: the next line is tried. */
  get hasFailed(): boolean {
    return this.#streams.every(isBroken);
  }

  get isBusy(): boolean {
    return this.#streams.some((stream) => !isBroken(stream) && !isEmpty(stream));
  }

  look(): number {
    const isLost = this.#hasRaised || this.hasFailed;
    const lost = isLost ? this.#unwritten : 0;
    const isWritten = this.#streams.every((stream) => !isBroken(stream) && isEmpty(stream));
    if (isLost || isWritten) this.#unwritten = 0;
    this.#hasRaised = false;
    return lost;
  }

  given(): void {
    this.#unwritten++;
  }

  /** Some hand an error of the stream on to the transport. */
  failed(): boolean {
    return this.hasFailed;
  }

  listen(onFailure: () => void): () => void {
    const hear = (): void => {
      this.#hasRaised = true;
      onFailure();
    };
    const letGo = this.#streams.map((stream) => hearErrors(stream, hear));
    return () => {
      const stays = this.isBusy;
      for (const each of letGo) each(stays);
    };
  }
}

function isBroken({ destroyed, errored }: WatchedStream): boolean {
  return destroyed === true || (errored ?? null) !== null;
}

function isEmpty({ writableLength = 0 }: WatchedStream): boolean {
  return writableLength === 0;
}
