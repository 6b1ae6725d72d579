import { closeSync } from 'node:fs';
import { finalize, type Observable } from 'rxjs';
import winston from 'winston';
import { z } from 'zod';
import { hearing, type Callback, type Desk, type Directive, type Run } from '../callbacks/index.ts';
import { nameOption } from '../callbacks/name-option.ts';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { openForAppend } from './appending-stream.ts';
import { eventLevels, levelOf, type EventLevel } from './event-level.ts';
import { lineOf, type LineOutlet, type LogLine } from './log-line.ts';
import { LogOutlet, type LoggerLike } from './log-outlet.ts';
import { Losses } from './losses.ts';
import { isTransport, type TransportLike, type TransportSource } from './transport.ts';
import { fileTransport } from './file-transport.ts';
import { requireKnownLevel } from './winston-levels.ts';
import { outletOf, outletsOf } from './winston-outlets.ts';

export type { EventLevel } from './event-level.ts';
export type { LoggerLike } from './log-outlet.ts';
export type { TransportLike, TransportSource } from './transport.ts';

export interface WinstonLoggerOptions {
  /** A logger of yours, as it is: what its transports do to the process and to each other they do still. */
  readonly logger?: LoggerLike;
  /** A file to append to. */
  readonly file?: string;
  /**
   * Where the lines go: each of them guarded, so that one that throws, fails or does not answer loses its own lines alone. They are
   * ended and closed with the run; a function makes one for each run. Default: one to the console.
   */
  readonly transports?: readonly TransportSource[];
  /**
   * The least that is logged. A transport's own level goes before. Default: what the given `logger` lets by; `info` where none is
   * given.
   */
  readonly level?: EventLevel;
  /** A transport that has not answered for so long is stuck, and its lines are counted as lost. Default: 5 000. */
  readonly stuckAfterMs?: number;
  /** Its name in the run. Default: `winston`, and of a `file` `winston (training.log)`. */
  readonly name?: string;
}

const optionsSchema = z.strictObject({
  logger: z
    .custom<LoggerLike>((logger) => typeof (logger as LoggerLike | null)?.log === 'function')
    .describe('a winston logger')
    .optional(),
  file: z.string().min(1).describe('the path of a file').optional(),
  transports: z
    .array(
      z
        .custom<TransportSource>((source) => typeof source === 'function' || isTransport(source))
        .describe('a winston transport, or a function that makes one'),
    )
    .min(1)
    .describe('a list of winston transports')
    .optional(),
  level: z.enum(eventLevels).optional(),
  stuckAfterMs: z.number().positive().describe('milliseconds above 0').default(5_000),
  name: nameOption.optional(),
});

/**
 * Logs a run with winston, one readable line an event: how the run and its epochs go, how evaluations end, violations, the
 * breakers' transitions, errors of callbacks. Each line has `{ event, seq, runId, at }` beside it, for transports that write JSON.
 *
 * A line is made only where its level is enabled. A transport that throws, fails or does not answer costs its own lines and nothing
 * else, and so does an `error` of the stream that winston's Console or Stream writes to: they are counted, and told by the event
 * `dropped`, at the first one and for the rest at the training's end and at that of the run. The run waits at its end until the last
 * lines are out, for `stuckAfterMs` at most.
 *
 * @throws {ConfigurationError} for wrong options, and for a `file` that cannot be written.
 * @example
 * trainer.register(winstonLogger({ level: 'debug' }));
 * trainer.register(winstonLogger({ file: 'training.log' }));
 * trainer.register(winstonLogger({ name: 'mine', transports: [new winston.transports.Console(), () => new MyTransport()] }));
 */
export function winstonLogger(options: WinstonLoggerOptions = {}): Callback {
  const parsed = parseOptions(optionsSchema, options, 'winstonLogger()');
  requireOnePlace(parsed);
  const { logger, file, transports, stuckAfterMs } = parsed;
  const { level = logger === undefined ? 'info' : 'silly' } = parsed;
  const { name = file === undefined ? 'winston' : `winston (${file})` } = parsed;
  if (file !== undefined) requireWritable(file);
  for (const source of transports ?? []) if (typeof source !== 'function') requireKnownLevel(source);
  return {
    name,
    connect: (run, desk) => {
      const losses = new Losses(desk, 'lines of the winston logger');
      const settings = { run, desk, least: level, stuckAfterMs };
      if (logger !== undefined) return logged(run, desk, [new LogOutlet(logger, losses, level)]);
      if (transports !== undefined) return logged(run, desk, outletsOf(transports, settings));
      const own = (): TransportLike =>
        file === undefined ? new winston.transports.Console() : fileTransport(file, losses.add);
      return logged(run, desk, [outletOf(own, losses, settings)]);
    },
  };
}

/** Emits nothing: it logs what goes by. */
function logged(run: Run, desk: Desk, outlets: readonly LineOutlet[]): Observable<Directive> {
  return hearing(run, (event) => {
    const level = levelOf(event);
    let line: { readonly made: LogLine | undefined } | undefined;
    for (const outlet of outlets) {
      if (!outlet.takes(level)) continue;
      line ??= { made: lineOf(event, level) };
      outlet.log(line.made);
    }
    if (event.type === 'training:end') for (const outlet of outlets) outlet.tell();
  }).pipe(
    finalize(() => {
      for (const outlet of outlets) {
        const released = outlet.release();
        if (released !== undefined) desk.hold(released);
      }
    }),
  );
}

function requireOnePlace({ logger, file, transports }: z.output<typeof optionsSchema>): void {
  const given = Object.entries({ logger, file, transports }).flatMap(([name, value]) =>
    value === undefined ? [] : [`"${name}"`],
  );
  if (given.length > 1)
    throw new ConfigurationError(
      `winstonLogger() takes one of "logger", "file" and "transports", but ${given.join(' and ')} came: put all that lines go to into "transports".`,
    );
}

function requireWritable(file: string): void {
  try {
    closeSync(openForAppend(file));
  } catch (cause) {
    throw new ConfigurationError(
      `winstonLogger(): "file" must be a file that can be written, but ${file} cannot (${(cause as Error).message}).`,
      { cause },
    );
  }
}
