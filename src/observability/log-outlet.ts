import { eventLevels, type EventLevel } from './event-level.ts';
import { hearRejection } from './hear-rejection.ts';
import type { LineOutlet, LogLine } from './log-line.ts';
import { nameOfLevel } from './logger-levels.ts';
import type { Losses } from './losses.ts';

/** What a logger has to have. A winston logger has it. */
export interface LoggerLike {
  log(level: string, message: string, meta: object): unknown;
  isLevelEnabled?(level: string): boolean;
  /** The level names that it knows, with their ranks. */
  readonly levels?: Readonly<Record<string, number>>;
  /** How many lines wait in it, because a transport does not answer. */
  readonly writableLength?: number;
  on?(event: 'error', listener: (error: unknown) => void): unknown;
  off?(event: 'error', listener: (error: unknown) => void): unknown;
  listeners?(event: 'error'): readonly unknown[];
}

/** A logger that waits on a transport is given no more than so many lines: they would stay in memory. */
const mostWaitingLines = 256;

/**
 * Loggers that have a listener which stays: a transport may fail on the last line after the run has let go of its logger, and an
 * `error` that nobody hears would end the process.
 */
const calmed = new WeakSet<LoggerLike>();

/** The listener that stays. */
const calm = (): void => undefined;

/** What winston takes for a place to fill in: it then drops what stands beside the message. */
const token = /%[scdjifoO%]/;

/** What a logger of winston has beside. */
interface WinstonParts {
  /** None, once it has been closed. */
  readonly transports?: readonly unknown[];
}

/** The other way to call such a logger. */
interface TakesOne {
  log(info: object): unknown;
}

/**
 * A logger of somebody else's: what it throws, what its transports raise as `error`, and what finds no room in it is counted.
 */
export class LogOutlet implements LineOutlet {
  readonly #logger: LoggerLike;
  readonly #losses: Losses;
  readonly #least: number;
  readonly #onError = (): void => {
    this.#losses.add();
  };

  /** @param least beside the logger's own level */
  constructor(logger: LoggerLike, losses: Losses, least: EventLevel) {
    this.#logger = logger;
    this.#losses = losses;
    this.#least = eventLevels.indexOf(least);
    if (!isCalm(logger)) logger.on?.('error', calm);
    calmed.add(logger);
    logger.on?.('error', this.#onError);
  }

  takes(level: EventLevel): boolean {
    if (eventLevels.indexOf(level) > this.#least) return false;
    try {
      const name = this.#nameOf(level);
      return name !== undefined && this.#logger.isLevelEnabled?.(name) !== false;
    } catch {
      this.#losses.add();
      return false;
    }
  }

  log(line: LogLine | undefined): void {
    try {
      const { transports } = this.#logger as WinstonParts;
      const isFull = (this.#logger.writableLength ?? 0) >= mostWaitingLines;
      if (line === undefined || isFull || transports?.length === 0) this.#losses.add();
      else hearRejection(this.#give(line, transports !== undefined), this.#onError);
    } catch {
      this.#losses.add();
    }
  }

  tell(): void {
    this.#losses.tell();
  }

  release(): undefined {
    this.#losses.tell();
    this.#losses.close();
    this.#logger.off?.('error', this.#onError);
  }

  #give({ level: of, message, details }: LogLine, isWinston: boolean): unknown {
    const level = this.#nameOf(of) ?? of;
    if (!isWinston || !token.test(message)) return this.#logger.log(level, message, details);
    return (this.#logger as unknown as TakesOne).log({ ...details, level, message });
  }

  /** The logger's own name of a level; `undefined` where it has none. */
  #nameOf(level: EventLevel): string | undefined {
    const { levels } = this.#logger;
    return levels === undefined ? level : nameOfLevel(level, levels);
  }
}

/** A child logger shares the listeners of its parent. */
function isCalm(logger: LoggerLike): boolean {
  return logger.listeners?.('error').includes(calm) ?? calmed.has(logger);
}
