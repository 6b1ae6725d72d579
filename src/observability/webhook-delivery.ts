import type { Clock } from '../clock/index.ts';
import { PitwallError } from '../errors/index.ts';
import { attempt, type Letter } from './webhook-attempt.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** How many messages may wait behind the one that is sent. */
const longestQueue = 64;

/** From the run's end on: what is not delivered by then is not delivered. */
const atEndMs = 30_000;

const [firstBackOffMs, longestBackOffMs] = [500, 30_000];

interface DeliveryOptions {
  readonly settings: WebhookSettings;
  readonly clock: Clock;
  /** Whether a message has to wait until its event is on disk. */
  readonly waitsForDisk: boolean;
  readonly onFailure: (error: PitwallError) => void;
  readonly onDropped: (count: number) => void;
  /** From 0 to below 1. */
  readonly chance?: () => number;
}

/**
 * Sends messages in order, one at a time, each until it is taken, refused, or was tried often enough. Its queue is bounded, and so is
 * its end.
 */
export class WebhookDelivery {
  readonly #options: DeliveryOptions;
  readonly #over = new AbortController();
  readonly #waiting: Letter[] = [];
  readonly #failuresTold = new Set<string>();
  #present: Letter | undefined;
  /** Why the present message was not taken yet. */
  #setback: { readonly kind: string; readonly error: PitwallError } | undefined;
  #durableSeq: number;
  #whenDurable: (() => void) | undefined;
  #whenIdle: (() => void) | undefined;
  #dropped = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#durableSeq = options.waitsForDisk ? -1 : Infinity;
  }

  /** Takes a message, if there is room. @param isLast there is room for one more */
  send(letter: Letter, isLast: boolean): void {
    if (this.#isOver()) return;
    if (this.#present !== undefined && this.#waiting.length >= longestQueue && !isLast) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(letter);
    if (this.#present === undefined) void this.#work();
  }

  /** Hears how much of the journal is on disk. */
  durable(seq: number): void {
    this.#durableSeq = Math.max(this.#durableSeq, seq);
    this.#whenDurable?.();
  }

  /** Resolves when everything is delivered or given up, after 30 s at most. `undefined` where there is nothing to wait for. */
  finish(): Promise<void> | undefined {
    if (this.#present === undefined) return undefined;
    const cancelTimer = this.#options.clock.setTimeout(() => {
      this.close();
    }, atEndMs);
    return new Promise((resolve) => {
      this.#whenIdle = () => {
        cancelTimer();
        resolve();
      };
    });
  }

  /** Ends what is sent, and gives up what waits: it is told. */
  close(): void {
    if (this.#isOver()) return;
    this.#over.abort();
    this.#dropped += this.#waiting.splice(0).length + (this.#present === undefined ? 0 : 1);
    if (this.#setback !== undefined) this.#tellFailure(this.#setback);
    this.#tellDropped();
    this.#whenDurable?.();
    this.#whenIdle?.();
  }

  async #work(): Promise<void> {
    for (let letter = this.#waiting.shift(); letter !== undefined; letter = this.#waiting.shift()) {
      this.#present = letter;
      await this.#onDisk(letter.seq);
      await this.#deliver(letter);
      if (this.#isOver()) return;
      this.#setback = undefined;
    }
    this.#present = undefined;
    this.#tellDropped();
    this.#whenIdle?.();
  }

  async #onDisk(seq: number): Promise<void> {
    while (this.#durableSeq < seq && !this.#isOver())
      await new Promise<void>((resolve) => {
        this.#whenDurable = resolve;
      });
  }

  async #deliver(letter: Letter): Promise<void> {
    const { settings, clock, chance = Math.random } = this.#options;
    const { signal } = this.#over;
    for (let tries = 1; !this.#isOver(); tries++) {
      const answer = await attempt(letter, settings, { clock, signal });
      if (this.#isOver() || answer.outcome === 'delivered') return;
      const failure = { kind: answer.kind, error: this.#failure(tries, answer.why) };
      if (answer.outcome === 'refused' || tries > settings.retries) {
        this.#tellFailure(failure);
        return;
      }
      this.#setback = failure;
      await pause(clock, Math.max(answer.afterMs ?? 0, backOffMs(tries, chance())), signal);
    }
  }

  #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Once for each kind: what is wrong with one message is most often wrong with the next. */
  #tellFailure({ kind, error }: { readonly kind: string; readonly error: PitwallError }): void {
    if (this.#failuresTold.has(kind)) return;
    this.#failuresTold.add(kind);
    this.#options.onFailure(error);
  }

  #failure(tries: number, why: string): PitwallError {
    const { url, name } = this.#options.settings;
    const attempts = tries === 1 ? 'one attempt' : `${tries} attempts`;
    return new PitwallError(
      'WEBHOOK_FAILED',
      `The receiver of "${name}" at ${url.origin} must take its messages with a status of 2xx, but after ${attempts} ${why}: ` +
        'the message was given up, and others that fail so are not told.',
    );
  }

  #tellDropped(): void {
    if (this.#dropped > 0) this.#options.onDropped(this.#dropped);
    this.#dropped = 0;
  }
}

/**
 * How long to wait after so many attempts: by chance up to twice as long each time, so that many who failed together do not come
 * back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: full jitter).
 */
function backOffMs(tries: number, chance: number): number {
  return chance * Math.min(longestBackOffMs, firstBackOffMs * 2 ** (tries - 1));
}

/** Resolves after the time, or when the signal aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancelTimer();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancelTimer = clock.setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
