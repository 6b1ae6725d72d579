import { ConfigurationError, told } from '../errors/index.ts';
import { hearRejection, isPromise } from './hear-rejection.ts';
import type { TransportLike } from './transport.ts';

/** What is looked at of a transport's own format. */
interface FormatLike {
  transform(info: unknown, options?: unknown): unknown;
}

/**
 * Has a transport's own format fail where it gives back a promise: winston would write that as `undefined`, and its rejection would
 * end the process.
 */
export function requirePromptFormat(transport: TransportLike): void {
  const parts = transport as { format?: FormatLike };
  const { format } = parts;
  if (typeof format?.transform !== 'function') return;
  const transform = (info: unknown, options: unknown): unknown => {
    const given = format.transform(info, options);
    if (!isPromise(given)) return given;
    hearRejection(given, () => undefined);
    throw new ConfigurationError(`A format must give back a line, but ${told(given)} came.`);
  };
  parts.format = Object.create(format, { transform: { value: transform } }) as FormatLike;
}
