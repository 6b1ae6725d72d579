import { Writable } from 'node:stream';

const patienceMs = 1000;

/**
 * Resolves when what was printed has left this process, which may be ended as soon as it has answered: a stream that does not write
 * at once, of the user or of a Node whose pipes cannot be made to, holds it back. Who holds his own stream up is waited for a second. Never rejects.
 */
export async function printed(streams: () => readonly Writable[] = standardStreams): Promise<void> {
  const unprinted = attempt(streams).filter(({ writableLength }) => writableLength > 0);
  if (unprinted.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)));
  await Promise.race([Promise.all(unprinted.map(emptied)), patience]);
  clearTimeout(timer);
}

function standardStreams(): readonly Writable[] {
  return [process.stdout, process.stderr];
}

/** A descriptor that the user has closed makes no stream. */
function attempt(streams: () => readonly Writable[]): readonly Writable[] {
  try {
    return streams();
  } catch {
    return [];
  }
}

/** What is printed later is not waited for. The stream's own `write` may be the user's, who catches what is printed. */
function emptied(stream: Writable): Promise<unknown> {
  return new Promise((resolve) => {
    Writable.prototype.write.call(stream, '', 'utf8', resolve);
  });
}
