import winston from 'winston';
import type { Clock } from '../clock/index.ts';
import type { EventLevel } from './event-level.ts';
import { GuardedTransport } from './guarded-transport.ts';
import type { LineOutlet, LogLine } from './log-line.ts';
import type { Losses } from './losses.ts';
import { requirePromptFormat } from './prompt-format.ts';
import type { TransportLike } from './transport.ts';
import { watchOfFile } from './winston-file-watch.ts';
import { rankOf } from './winston-levels.ts';
import { watchOfHttp } from './winston-http-watch.ts';
import { watchOfStreams } from './winston-stream-watch.ts';

const format = winston.format.printf(({ level, message, at }) => {
  return `${new Date(at as number).toISOString()} ${level.padEnd(5)} ${message as string}`;
});

/** The key under which winston looks for a line's level. */
const levelKey = Symbol.for('level');

export interface WinstonOutletOptions {
  readonly clock: Clock;
  readonly losses: Losses;
  /** For a transport without a level of its own. */
  readonly least: EventLevel;
  readonly stuckAfterMs: number;
  /** Runs what the transport does outside an event's delivery. */
  readonly measure: (work: () => void) => void;
}

/** One transport, guarded, with a logger to itself: what becomes of it is nothing to the others. */
export class WinstonOutlet implements LineOutlet {
  readonly #transport: TransportLike;
  readonly #losses: Losses;
  readonly #least: EventLevel;
  readonly #logger: winston.Logger;
  readonly #guarded: GuardedTransport;
  #isReleased = false;

  constructor(transport: TransportLike, { clock, losses, least, stuckAfterMs, measure }: WinstonOutletOptions) {
    this.#transport = transport;
    this.#losses = losses;
    this.#least = least;
    this.#logger = winston.createLogger({ level: least, format });
    requirePromptFormat(transport);
    this.#guarded = new GuardedTransport(transport, {
      clock,
      stuckAfterMs,
      logger: this.#logger,
      watch: watchOfFile(transport) ?? watchOfHttp(transport) ?? watchOfStreams(transport),
      onLost: losses.add,
      measure: (work) => {
        if (this.#isReleased) work();
        else measure(work);
      },
    });
  }

  takes(of: EventLevel): boolean {
    try {
      const { silent, level } = this.#transport;
      if (silent === true) return false;
      const rank = rankOf(level ?? this.#least);
      if (rank !== undefined) return rankOf(of) <= rank;
    } catch {
      // a level that cannot be read is as one that there is not
    }
    if (rankOf(of) <= rankOf(this.#least)) this.#losses.add();
    return false;
  }

  log(line: LogLine | undefined): void {
    if (line === undefined) {
      this.#losses.add();
      return;
    }
    const { level, message, details } = line;
    const { format } = this.#logger;
    // A line of its own for each transport: one may change it.
    this.#guarded.write(format.transform({ ...details, level, message, [levelKey]: level }, format.options) as object);
  }

  tell(): void {
    this.#guarded.settle();
    this.#losses.tell();
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    await this.#guarded.end();
    this.#losses.tell();
    this.#losses.close();
  }
}
