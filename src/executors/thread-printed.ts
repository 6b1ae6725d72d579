import { Readable } from 'node:stream';
import { pipeReader } from './thread-pipe.ts';

/** So long what is printed may gather before it is read: many lines are one chunk then. */
const gatheringMs = 1;

/** What a thread prints into one pipe. */
export interface PrintedStream {
  readonly stream: Readable;
  /** There is more: call it when the writer says so. */
  readonly onMore: () => void;
  /** The thread has ended: the stream ends with what is still there. */
  readonly end: () => void;
}

/** Makes a stream of what a thread prints; it reads on only while somebody reads it. */
export function printedStream(memory: SharedArrayBuffer): PrintedStream {
  const { take, want } = pipeReader(memory);
  let isOver = false;
  let gathering: NodeJS.Timeout | undefined;
  const readOn = (): void => {
    const chunk = take();
    if (chunk.length > 0) stream.push(chunk);
    else if (isOver) stream.push(null);
    else if (!want()) gather();
  };
  const gather = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      readOn();
    }, gatheringMs);
  };
  const stream = new Readable({ read: readOn });
  return {
    stream,
    onMore: gather,
    end: () => {
      isOver = true;
      clearTimeout(gathering);
      gathering = undefined;
      // Nobody says any more that there is something: it is looked at once more, and then whenever the reader wants more.
      if (!stream.readableEnded) readOn();
    },
  };
}
