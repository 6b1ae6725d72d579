import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ConfigurationError, PitwallError, told } from '../errors/index.ts';
import type { CheckpointRef } from '../events/index.ts';

/**
 * Reads a checkpoint file once, without blocking, and names its content.
 *
 * @returns the path as it was given, and the SHA-256 of the content in hexadecimal digits.
 * @throws {PitwallError} with the code `CHECKPOINT_NOT_FOUND` or `CHECKPOINT_UNREADABLE`.
 */
export async function hashCheckpoint(path: string): Promise<CheckpointRef> {
  if (typeof path !== 'string' || path === '')
    throw new ConfigurationError(`epoch.checkpoint(path) must get the path of a file, but ${told(path)} came.`);
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new PitwallError(
        'CHECKPOINT_NOT_FOUND',
        `epoch.checkpoint("${path}") must get a file that is there, but there is none: write it to its end, then call this.`,
        { cause },
      );
    throw new PitwallError('CHECKPOINT_UNREADABLE', `epoch.checkpoint("${path}") could not read the file: ${message}`, {
      cause,
    });
  }
  return { path, hash: hash.digest('hex') };
}
