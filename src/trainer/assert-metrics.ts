import { ConfigurationError, told } from '../errors/index.ts';

/** @throws {ConfigurationError} unless the metrics are an object, or nothing. */
export function assertMetrics(metrics: unknown, epoch: number): void {
  if (metrics === undefined || metrics === null) return;
  if (typeof metrics === 'object' && !Array.isArray(metrics)) return;
  throw new ConfigurationError(
    `The metrics of epoch ${epoch} must be an object, such as { loss }, or nothing, but ${told(metrics)} came.`,
  );
}
