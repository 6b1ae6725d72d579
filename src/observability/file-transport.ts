import { Writable } from 'node:stream';
import { appendingStream } from './appending-stream.ts';
import type { TransportLike } from './transport.ts';

/** The key under which winston keeps a line as it is to be written. */
const messageKey = Symbol.for('message');

/**
 * A transport that appends to a file, and tries each line anew: after a full disk it goes on. It answers when there is room for
 * more, and has finished when the file is closed.
 *
 * @param onLost is called for each line that could not be written
 * @throws the system's error when the file cannot be opened.
 */
export function fileTransport(path: string, onLost: () => void): TransportLike {
  const stream = appendingStream(path, onLost);
  return new Writable({
    objectMode: true,
    write: (info: Readonly<Record<symbol, unknown>>, _encoding, done) => {
      if (stream.write(`${String(info[messageKey])}\n`)) done();
      else stream.once('drain', done);
    },
    final: (done) => {
      stream.end(done);
    },
  });
}
