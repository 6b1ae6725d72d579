import type { Clock } from '../clock/index.ts';
import { closeTransport } from './close-transport.ts';
import { hearRejection } from './hear-rejection.ts';
import type { TransportLike } from './transport.ts';
import { unlessAnswered } from './unless-answered.ts';

/** So many lines wait for a transport that does not answer; then the oldest makes room. */
const mostWaitingLines = 1_024;

/** What is still on its way at the end of the run is looked at so often. */
const lookAgainAfterMs = 10;

/** What a transport knows of its lines and does not tell. */
export interface TransportWatch {
  /** Whether it writes nothing any more, whatever it answers. */
  readonly hasFailed: boolean;
  /** @returns how many of the lines that it was given have turned out to be lost since the last look */
  look(): number;
  /** Called with each line that it is given, between two looks. */
  given(): void;
  /** Called where a line was answered in the very call that gave it. */
  answeredAtOnce?(): void;
  /** Called with each `error` that it raises. @returns whether that is of no line in particular */
  failed(): boolean;
  /** Whether lines that it has answered are still on their way. */
  readonly isBusy?: boolean;
  /** Whether all has been written once it has finished, so that its `close()` need not be waited for. */
  readonly isOutWhenFinished?: boolean;
  /** Calls back, before a look, when something behind it fails. @returns ends that, at the end of the run */
  listen?(onFailure: () => void): () => void;
}

export interface GuardedTransportOptions {
  readonly clock: Clock;
  /** A line that is not answered for so long is lost, and the transport stuck until it answers. */
  readonly stuckAfterMs: number;
  /** The logger that it is told it belongs to. */
  readonly logger: object;
  readonly watch?: TransportWatch | undefined;
  /** Called for lines that were lost. */
  readonly onLost: (count?: number) => void;
  /** Runs what the transport does outside an event's delivery. */
  readonly measure: (work: () => void) => void;
}

/** A line that the transport was given. */
interface Given {
  isAnswered: boolean;
  isLost: boolean;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing'; readonly line: Given }
  | { readonly kind: 'stuck'; readonly line: Given };

/**
 * A transport that can hurt nobody: what it throws or raises costs the line, what it does not answer waits in a ring, and a
 * watchdog tells it from one that is slow.
 *
 * Lines go past the queue that a transport has as a stream: one on which it throws would block that for good, and the error would
 * come out of a later turn of the event loop, where nobody can catch it.
 */
export class GuardedTransport {
  readonly #transport: TransportLike;
  readonly #options: GuardedTransportOptions;
  readonly #waiting: object[] = [];
  readonly #stopListening: (() => void) | undefined;
  #state: State = { kind: 'idle' };
  #isHanding = false;
  #stopWatch: () => void = () => undefined;
  #onQuiet: () => void = () => undefined;

  constructor(transport: TransportLike, options: GuardedTransportOptions) {
    this.#transport = transport;
    this.#options = options;
    // It stays: an `error` that nobody hears would end the process, and the last line may fail after the run.
    transport.on('error', () => {
      this.#onError();
    });
    // As it is told when a logger is piped into it: it takes its levels from there.
    transport.emit('pipe', options.logger);
    this.#stopListening = options.watch?.listen?.(() => {
      this.#look();
    });
  }

  /** Gives it a line, now or when it has answered those before. */
  write(info: object): void {
    this.#waiting.push(info);
    if (this.#waiting.length > mostWaitingLines) {
      this.#waiting.shift();
      this.#options.onLost();
    }
    this.#handOver();
  }

  /** Counts what is lost by now: what it has kept to itself, and what waits for one that is stuck. */
  settle(): void {
    this.#look();
    if (this.#state.kind !== 'stuck' && !this.#hasFailed) return;
    this.#loseWaiting();
  }

  /**
   * Gives it what still waits, ends it, and takes it off its logger, upon which it closes what it holds. What it has not answered
   * by then is lost.
   *
   * @returns resolves when it has finished and is closed, or is stuck, or has had its time
   */
  async end(): Promise<void> {
    const { clock, stuckAfterMs, logger, watch } = this.#options;
    const untilMs = clock.now() + stuckAfterMs;
    await this.#finished();
    this.#stopWatch();
    this.#look();
    if (this.#state.kind === 'writing') this.#lose(this.#state.line);
    this.#loseWaiting();
    const isOut = watch?.isOutWhenFinished === true || this.#hasFailed;
    const limitMs = isOut ? 0 : untilMs - clock.now();
    await closeTransport(this.#transport, logger, { clock, limitMs });
    this.#look();
    this.#stopListening?.();
  }

  #finished(): Promise<void> {
    const { clock, stuckAfterMs, watch } = this.#options;
    return new Promise((resolve) => {
      let isOver = false;
      let cancelLook = (): void => undefined;
      const giveUp = (): void => {
        isOver = true;
        cancelLimit();
        cancelLook();
        resolve();
      };
      const tillOut = (): void => {
        if (isOver) return;
        if (watch?.isBusy === true) cancelLook = clock.setTimeout(tillOut, lookAgainAfterMs);
        else giveUp();
      };
      const cancelLimit = clock.setTimeout(() => {
        this.#onQuiet(); // ends it where it still had lines to answer
        giveUp();
      }, stuckAfterMs);
      this.#onQuiet = () => {
        this.#onQuiet = () => undefined;
        const isHopeless = this.#state.kind === 'stuck' || this.#hasFailed;
        if (!isHopeless) this.#transport.once('finish', tillOut);
        attempt(() => this.#transport.end());
        if (isHopeless) giveUp();
      };
      this.#tellIfQuiet();
    });
  }

  /** One line after the other, as long as it answers at once. */
  #handOver(): void {
    if (this.#isHanding) return; // the loop below hears the answer
    this.#isHanding = true;
    while (this.#state.kind === 'idle') {
      const info = this.#waiting.shift();
      if (info === undefined) break;
      this.#look();
      if (this.#hasFailed) this.#options.onLost();
      else this.#give(info);
    }
    this.#isHanding = false;
    this.#tellIfQuiet();
  }

  #give(info: object): void {
    const line: Given = { isAnswered: false, isLost: false };
    this.#state = { kind: 'writing', line };
    this.#options.watch?.given();
    const fail = (): void => {
      this.#lose(line);
      this.#answered(line);
    };
    try {
      const given = this.#transport._write(info, 'utf8', (error) => {
        if (error) fail();
        else this.#answered(line);
      });
      hearRejection(given, fail);
    } catch {
      fail();
    }
    if (line.isAnswered) this.#options.watch?.answeredAtOnce?.();
    this.#look(); // what fails at once is this line, and nothing that fails later
    if (!line.isAnswered) this.#watch(line);
  }

  #answered(line: Given): void {
    if (line.isAnswered) return;
    line.isAnswered = true;
    this.#stopWatch();
    this.#state = { kind: 'idle' };
    if (this.#isHanding) return;
    this.#options.measure(() => {
      this.#handOver();
    });
  }

  #watch(line: Given): void {
    const { clock, stuckAfterMs } = this.#options;
    const isLate = (): void => {
      this.#state = { kind: 'stuck', line };
      this.#lose(line);
      this.#tellIfQuiet();
    };
    this.#stopWatch = unlessAnswered(clock, stuckAfterMs, isLate);
  }

  #onError(): void {
    const isOfNoLine = this.#options.watch?.failed() === true;
    if (isOfNoLine) this.#look();
    else if (this.#state.kind === 'idle') this.#options.onLost();
    else this.#lose(this.#state.line);
  }

  #look(): void {
    const count = this.#options.watch?.look() ?? 0;
    if (count === 0) return;
    this.#options.onLost(count);
    if (this.#state.kind === 'writing') this.#state.line.isLost = true; // it is one of them
  }

  get #hasFailed(): boolean {
    return this.#options.watch?.hasFailed === true;
  }

  /** A line is lost once, however often it is said. */
  #lose(line: Given): void {
    if (line.isLost) return;
    line.isLost = true;
    this.#options.onLost();
  }

  #loseWaiting(): void {
    const count = this.#waiting.splice(0).length;
    if (count > 0) this.#options.onLost(count);
  }

  #tellIfQuiet(): void {
    if (this.#state.kind === 'stuck' || (this.#state.kind === 'idle' && this.#waiting.length === 0)) this.#onQuiet();
  }
}

function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    // it costs nobody else
  }
}
