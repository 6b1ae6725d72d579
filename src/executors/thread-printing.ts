import { Writable } from 'node:stream';
import type { PrintedMemory } from './thread-messages.ts';
import { pipeWriter } from './thread-pipe.ts';

/**
 * Lets this thread print into pipes, as a process does: what was printed has arrived when `write` returns. Node's own streams of a
 * thread hand on a first line and keep the others until the thread's loop runs, which one that is ended never sees.
 *
 * @param onWanted called when the reader of one of the two has asked to hear of more
 */
export function printIntoPipes(memory: PrintedMemory, onWanted: (stream: keyof PrintedMemory) => void): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const write = pipeWriter(memory[name], () => {
      onWanted(name);
    });
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        write(chunk);
        done();
      },
    });
    // The console takes its streams from here when it is first used.
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}
