import { resolve } from 'node:path';
import type { CallbackFiles } from '../callbacks/index.ts';
import { ConfigurationError } from '../errors/index.ts';

interface Writer {
  readonly name: string;
  readonly files?: CallbackFiles | undefined;
}

/** @throws {ConfigurationError} where a callback would write, and remove, files of the same names as another does. */
export function requireOwnFiles({ name, files }: Writer, others: Iterable<Writer>): void {
  if (files === undefined) return;
  for (const other of others)
    if (other.files !== undefined && overlap(files, other.files))
      throw new ConfigurationError(
        `The callbacks "${other.name}" and "${name}" would overwrite each other's files in the folder ${files.folder}: give each its own path.`,
      );
}

/** Without an extension, files of any. */
function overlap(one: CallbackFiles, other: CallbackFiles): boolean {
  const isSameFolder = resolve(one.folder) === resolve(other.folder);
  const [extension, others] = [one.extension, other.extension];
  return isSameFolder && (extension === undefined || others === undefined || extension === others);
}
