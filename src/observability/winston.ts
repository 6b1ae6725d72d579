import { closeSync } from 'node:fs';
import { finalize, ignoreElements, map, type Observable } from 'rxjs';
import winston from 'winston';
import { z } from 'zod';
import type { Callback, Directive, Run } from '../callbacks/index.ts';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { appendingStream, openForAppend } from './appending-stream.ts';
import { eventLevels, levelOf, type EventLevel } from './event-level.ts';
import { sentenceOf } from './event-sentence.ts';
import { LogOutlet, type LoggerLike } from './log-outlet.ts';
import { Losses } from './losses.ts';

export type { EventLevel } from './event-level.ts';
export type { LoggerLike } from './log-outlet.ts';

export interface WinstonLoggerOptions {
  /** Where the lines go. Default: a logger of its own, to the console or to `file`. */
  readonly logger?: LoggerLike;
  /** The least that is logged. Default: what the given `logger` lets by; `info` for one of its own. */
  readonly level?: EventLevel;
  /** A file to append to instead of the console, for a logger of its own. */
  readonly file?: string;
}

const optionsSchema = z.strictObject({
  logger: z
    .custom<LoggerLike>((logger) => typeof (logger as LoggerLike | null)?.log === 'function')
    .describe('a winston logger')
    .optional(),
  level: z.enum(eventLevels).optional(),
  file: z.string().min(1).describe('the path of a file').optional(),
});

/**
 * Logs a run with winston, one readable line an event: how the run and its epochs go, how evaluations end, violations, the
 * breakers' transitions, errors of callbacks. Each line has `{ event, seq, runId, at }` beside it, for loggers that write JSON.
 *
 * A line is made only where its level is enabled. A logger that throws, fails or does not answer costs lines and nothing else:
 * they are counted, and told by the event `dropped`, at the first one and for the rest at the training's end.
 *
 * @throws {ConfigurationError} for wrong options, and for a `file` that cannot be written.
 * @example
 * trainer.register(winstonLogger({ level: 'debug' }));
 * trainer.register(winstonLogger({ file: 'training.log' }));
 */
export function winstonLogger(options: WinstonLoggerOptions = {}): Callback {
  const { logger, level, file } = parseOptions(optionsSchema, options, 'winstonLogger()');
  if (file !== undefined) requireWritable(file, logger);
  const least = eventLevels.indexOf(level ?? (logger === undefined ? 'info' : 'silly'));
  return {
    name: file === undefined ? 'winston' : `winston (${file})`,
    connect: (run, desk) => {
      const losses = new Losses(desk, 'lines of the winston logger');
      const outlet = logger === undefined ? ownOutlet(file, losses) : new LogOutlet(logger, losses.add);
      return logged(run, outlet, losses, least);
    },
  };
}

/** Emits nothing: it logs what goes by. */
function logged(run: Run, outlet: LogOutlet, losses: Losses, least: number): Observable<Directive> {
  return run.events$.pipe(
    map((event) => {
      const level = levelOf(event);
      if (level !== undefined && eventLevels.indexOf(level) <= least)
        outlet.log(
          level,
          () => sentenceOf(event),
          () => detailsOf(event),
        );
      if (event.type === 'training:end') losses.tell();
    }),
    ignoreElements(),
    finalize(() => {
      outlet.release();
      losses.close();
    }),
  );
}

function detailsOf({ type, at, runId, ...event }: RunEvent): object {
  return { event: type, seq: 'seq' in event ? event.seq : undefined, runId, at };
}

const format = winston.format.printf(({ level, message, at }) => {
  return `${new Date(at as number).toISOString()} ${level.padEnd(5)} ${message as string}`;
});

/** Every level goes through: `least` was looked at before. */
function ownOutlet(file: string | undefined, losses: Losses): LogOutlet {
  if (file === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- so winston's own types have it
    const logger = winston.createLogger({ level: 'silly', format }).add(new winston.transports.Console());
    return new LogOutlet(logger, losses.add, { onRelease: () => logger.end() });
  }
  const stream = appendingStream(file, losses.add);
  const transport = new winston.transports.Stream({ stream, eol: '\n' });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- so winston's own types have it
  const logger = winston.createLogger({ level: 'silly', format }).add(transport);
  transport.once('finish', () => stream.end());
  return new LogOutlet(logger, losses.add, { isFull: () => stream.writableNeedDrain, onRelease: () => logger.end() });
}

function requireWritable(file: string, logger: LoggerLike | undefined): void {
  if (logger !== undefined)
    throw new ConfigurationError(
      'winstonLogger() takes a "logger" or a "file", but both came: give the logger a transport of its own for the file.',
    );
  try {
    closeSync(openForAppend(file));
  } catch (cause) {
    throw new ConfigurationError(
      `winstonLogger(): "file" must be a file that can be written, but ${file} cannot (${(cause as Error).message}).`,
      { cause },
    );
  }
}
