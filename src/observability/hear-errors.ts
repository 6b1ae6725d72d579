/** A stream whose errors are heard. */
export interface HeardStream {
  on(event: 'error', listener: () => void): unknown;
  off(event: 'error', listener: () => void): unknown;
}

interface Ear {
  readonly hearers: Set<() => void>;
  readonly onError: () => void;
}

/** One listener a stream, however many runs write to it: Node warns of more than ten. */
const ears = new WeakMap<HeardStream, Ear>();

const nobody = (): void => undefined;

/**
 * Calls `hear` for each `error` of a stream, which ends the process where nobody listens.
 *
 * @returns lets go of the stream, once the errors of what was written have been told; `stays` leaves a listener that does nothing,
 * for a stream which is stuck and may fail at any time
 */
export function hearErrors(stream: HeardStream, hear: () => void): (stays: boolean) => void {
  const { hearers, onError } = earOf(stream);
  if (hearers.size === 0) stream.on('error', onError);
  hearers.add(hear);
  return (stays) => {
    if (stays) hearers.add(nobody);
    setImmediate(() => {
      if (hearers.delete(hear) && hearers.size === 0) stream.off('error', onError);
    });
  };
}

function earOf(stream: HeardStream): Ear {
  const present = ears.get(stream);
  if (present !== undefined) return present;
  const hearers = new Set<() => void>();
  const onError = (): void => {
    for (const hear of hearers) hear();
  };
  const ear = { hearers, onError };
  ears.set(stream, ear);
  return ear;
}
