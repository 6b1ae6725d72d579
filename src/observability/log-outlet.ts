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
}

/** A logger that waits on a transport is given no more than so many lines: they would stay in memory. */
const mostWaitingLines = 256;

/**
 * Loggers that have a listener which stays: a transport may fail on the last line after the run has let go of its logger, and an
 * `error` that nobody hears would end the process.
 */
const calmed = new WeakSet<LoggerLike>();

/** Other names for a level, where a logger (syslog's, say) has not the usual one. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  warn: ['warning', 'info'],
  debug: ['verbose'],
  silly: ['trace'],
};

export interface LogOutletOptions {
  /** Whether no line has room for now. Default: when 256 lines wait in the logger, because a transport does not answer. */
  readonly isFull?: () => boolean;
  readonly onRelease?: () => void;
}

/**
 * A logger that cannot hurt: what it throws, what its transports raise as `error`, and what finds no room in it is counted.
 */
export class LogOutlet {
  readonly #logger: LoggerLike;
  readonly #onLost: () => void;
  readonly #isFull: () => boolean;
  readonly #onRelease: () => void;
  readonly #onError = (): void => {
    this.#onLost();
  };

  /** @param onLost is called for each line that was lost */
  constructor(logger: LoggerLike, onLost: () => void, { isFull, onRelease = () => undefined }: LogOutletOptions = {}) {
    this.#logger = logger;
    this.#onLost = onLost;
    this.#isFull = isFull ?? (() => (logger.writableLength ?? 0) >= mostWaitingLines);
    this.#onRelease = onRelease;
    if (!calmed.has(logger)) logger.on?.('error', () => undefined);
    calmed.add(logger);
    logger.on?.('error', this.#onError);
  }

  /** Logs a line, which is made only where its level is enabled. It never throws. */
  log(level: string, line: () => string, details: () => object): void {
    try {
      const name = this.#nameOf(level);
      if (name === undefined || this.#logger.isLevelEnabled?.(name) === false) return;
      if (this.#isFull()) this.#onLost();
      else this.#logger.log(name, line(), details());
    } catch {
      this.#onLost();
    }
  }

  /** Lets go of the logger. */
  release(): void {
    this.#onRelease();
    this.#logger.off?.('error', this.#onError);
  }

  /** The logger's own name of a level; `undefined` where it has none. */
  #nameOf(level: string): string | undefined {
    const { levels } = this.#logger;
    if (levels === undefined || level in levels) return level;
    return otherNames[level]?.find((other) => other in levels);
  }
}
