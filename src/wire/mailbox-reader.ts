import { readSync } from 'node:fs';
import { z } from 'zod';
import { emptyLetters, type Letters } from './letters.ts';
import { headerBytes, longestTextBytes, mailboxBytes } from './mailbox.ts';

const count = z.int().nonnegative();

const lettersSchema = z.object({
  done: count,
  running: z.object({ name: z.string().catch(''), startedMs: z.number() }).nullable(),
  // Of no weight beside the items: what is wrong with it must not cost a mark.
  progress: z
    .object({ done: z.number(), total: z.number().optional(), note: z.string().optional() })
    .nullable()
    .catch(null),
  progressCount: count,
  partialCount: count,
});

/**
 * Reads the mailbox at the open `fd` into what was there last.
 *
 * @returns a function that gives the latest letters: the former ones where a write was met or the content is not ours.
 */
export function mailboxReader(fd: number): () => Letters {
  return lettersReader((into) => readSync(fd, into, 0, mailboxBytes, 0) === mailboxBytes);
}

/** Reads letters out of any store; `load` copies the whole content, or says that it could not. */
export function lettersReader(load: (into: Buffer) => boolean): () => Letters {
  const buffer = Buffer.alloc(mailboxBytes);
  let seenVersion = 0;
  let letters = emptyLetters;
  return () => {
    if (!load(buffer)) return letters;
    const version = buffer.readUInt32LE(0);
    if (version === seenVersion || version !== buffer.readUInt32LE(mailboxBytes - 4)) return letters;
    const length = Math.min(buffer.readUInt32LE(4), longestTextBytes);
    letters = parsed(buffer.toString('utf8', headerBytes, headerBytes + length)) ?? letters;
    seenVersion = version;
    return letters;
  };
}

/** An evaluator is not trusted: what is not letters is passed over. */
function parsed(text: string): Letters | undefined {
  try {
    const result = lettersSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
