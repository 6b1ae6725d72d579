// The user's module is loaded into the drill's own process, where it may print, end the process, or never be done with loading.

import { Writable } from 'node:stream';

/** Has all that anybody prints go to stderr, and gives what prints to stdout all the same. */
export function keepStdout(): (text: string) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return (text) => {
    write(text);
  };
}

/** Tells, where the process ends before the drill is over, that it did, and has it end with 2; gives what is to be called when it is. */
export function tellEarlyEnd(module: string): () => void {
  const tell = (): void => {
    console.error(
      `pitwall: ${module} ended the drill before it was over: it calls process.exit(), throws where nobody catches it, or waits for ever while it is loaded. Let it only export your evaluations.`,
    );
    process.exitCode = 2;
  };
  process.once('exit', tell);
  return () => {
    process.off('exit', tell);
  };
}

/** Ends the process, whatever is still under way in it, as soon as all is written that was printed. */
export async function exitWhenWritten(): Promise<never> {
  const unwritten = [process.stdout, process.stderr].filter(({ writableLength }) => writableLength > 0);
  await Promise.all(unwritten.map(emptied));
  process.exit();
}

/** The stream's own `write` may be another by now. */
function emptied(stream: Writable): Promise<unknown> {
  return new Promise((resolve) => {
    Writable.prototype.write.call(stream, '', 'utf8', resolve);
  });
}
