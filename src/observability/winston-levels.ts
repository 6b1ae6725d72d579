import winston from 'winston';
import { ConfigurationError, told } from '../errors/index.ts';
import type { EventLevel } from './event-level.ts';
import type { TransportLike } from './transport.ts';

const ranks: Readonly<Record<string, number>> = winston.config.npm.levels;

/** The rank of a level among those that a transport may have; `undefined` where there is none of that name. */
export function rankOf(level: EventLevel): number;
export function rankOf(level: string): number | undefined;
export function rankOf(level: string): number | undefined {
  return ranks[level];
}

/** @throws {ConfigurationError} for a transport with a level that winston does not know: it would write no line. */
export function requireKnownLevel({ level }: TransportLike): void {
  if ((level ?? undefined) === undefined || rankOf(String(level)) !== undefined) return;
  const known = Object.keys(ranks).map((each) => `"${each}"`);
  throw new ConfigurationError(
    `A transport in "transports" of winstonLogger() must have one of the levels ${known.join(', ')}, but ${told(level)} came.`,
  );
}
