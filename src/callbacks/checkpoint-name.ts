/** The name of an epoch's checkpoint file: `epoch-00012.bin`. */
export function checkpointName(epoch: number, extension: string): string {
  return `epoch-${String(epoch).padStart(5, '0')}.${extension}`;
}

/** Whether a file's name is one that {@link checkpointName} gives, with any extension. */
export function isCheckpointName(name: string): boolean {
  return /^epoch-\d{5,}\.[^/]+$/.test(name);
}

/** The name of a file while it is being written, in the same folder: hidden, and told apart from all that are whole. */
export function temporaryName(name: string): string {
  return `.${name}.tmp`;
}

/** Which name a temporary file was to get, if it is one of a checkpoint file. */
export function nameOfTemporary(name: string): string | undefined {
  const found = /^\.(.+)\.tmp$/.exec(name)?.[1];
  return found !== undefined && isCheckpointName(found) ? found : undefined;
}
