import type { Clock } from '../clock/index.ts';
import { isPromise } from './hear-rejection.ts';
import type { TransportLike } from './transport.ts';

/** So long is waited for a transport whose `close()` gives back no promise: most of them have nothing to write by then. */
const silentCloseMs = 100;

/** What a transport may tell when it has written what it held: the one word or the other. */
const endings = ['finish', 'close', 'closed'] as const;

/** What winston's own transports have. */
interface ClosingParts {
  once(event: (typeof endings)[number], listener: () => void): unknown;
  parent?: unknown;
  close?: () => unknown;
}

/**
 * Takes a transport off its logger, upon which it closes what it holds, as with winston: some write their last lines only then. What
 * that throws costs nothing.
 *
 * @returns resolves when the promise of its `close()` has settled, after `limitMs` at most; where it gives back none, when it says
 * that it has finished, after 100 ms at most
 */
export async function closeTransport(
  transport: TransportLike,
  logger: object,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<void> {
  const parts = transport as TransportLike & ClosingParts;
  try {
    const isOurs = parts.parent === logger;
    if (isOurs) parts.parent = null; // so that it is closed here, where it is heard what that gives back
    transport.emit('unpipe', logger);
    if (!isOurs || parts.close === undefined) return;
    const isTold = new Promise<void>((resolve) => {
      for (const ending of endings) parts.once(ending, resolve);
    });
    const given = parts.close();
    await (isPromise(given)
      ? settled(given, clock, limitMs)
      : settled(isTold, clock, Math.min(limitMs, silentCloseMs)));
  } catch {
    // it costs nobody else
  }
}

/** Resolves when the work has settled, or after `limitMs`. */
function settled(work: PromiseLike<unknown>, clock: Clock, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = limitMs > 0 ? clock.setTimeout(resolve, limitMs) : undefined;
    const end = (): void => {
      cancel?.();
      resolve();
    };
    Promise.resolve(work).then(end, end);
    if (cancel === undefined) resolve();
  });
}
