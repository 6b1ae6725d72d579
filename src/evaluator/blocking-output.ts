import type { Writable } from 'node:stream';

/** What Node has of a stream over a pipe. */
interface PipeHandle {
  readonly setBlocking?: (isBlocking: boolean) => number;
}

/**
 * Has `process.stdout` and `process.stderr` wait in each write until their pipe takes it, from their first use on. Node by itself keeps
 * in memory what a full pipe does not take, without bound: who floods it would take all memory and hold up nobody, himself neither.
 */
export function blockOnOutput(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const property = Object.getOwnPropertyDescriptor(process, name);
    if (property?.get === undefined || property.configurable !== true) continue;
    const get = property.get.bind(process) as () => Writable;
    let isBlocking = false;
    Object.defineProperty(process, name, {
      ...property,
      get: () => {
        const stream = get() as Writable & { readonly _handle?: PipeHandle };
        if (!isBlocking) {
          isBlocking = true;
          stream._handle?.setBlocking?.(true);
        }
        return stream;
      },
    });
  }
}
