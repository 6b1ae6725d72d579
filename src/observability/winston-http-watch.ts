import winston from 'winston';
import type { TransportWatch } from './guarded-transport.ts';
import type { TransportLike } from './transport.ts';

/** What is looked at of winston's Http transport: what it raises for a request, and what waits to be sent together. */
interface HttpParts {
  readonly batch?: unknown;
  readonly batchOptions?: readonly unknown[];
  on(event: 'warn' | 'logged', listener: () => void): unknown;
  off(event: 'warn' | 'logged', listener: () => void): unknown;
}

/**
 * Watches winston's Http transport, which answers a line before it is sent, and raises `warn` for a request that fails or is not
 * answered with 200. `undefined` for any other transport.
 */
export function watchOfHttp(transport: TransportLike): TransportWatch | undefined {
  return transport instanceof winston.transports.Http ? new HttpWatch(transport) : undefined;
}

class HttpWatch implements TransportWatch {
  readonly hasFailed = false;
  readonly #http: HttpParts;
  /** Lines that it was given and has not told of. */
  #onTheirWay = 0;
  #lost = 0;

  constructor(http: HttpParts) {
    this.#http = http;
  }

  get isBusy(): boolean {
    return this.#onTheirWay > 0;
  }

  look(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  given(): void {
    this.#onTheirWay++;
  }

  /** A line that its format leaves out is not sent. */
  answeredAtOnce(): void {
    this.#onTheirWay--;
  }

  failed(): boolean {
    return false;
  }

  listen(onFailure: () => void): () => void {
    const onLogged = (): void => void this.#sent();
    const onWarn = (): void => {
      this.#lost += this.#sent();
      onFailure();
    };
    this.#http.on('logged', onLogged);
    this.#http.on('warn', onWarn);
    return () => {
      this.#http.off('logged', onLogged);
      this.#http.off('warn', onWarn);
    };
  }

  /** @returns how many lines a request had in it: one, or all that wait no more */
  #sent(): number {
    const { batch, batchOptions = [] } = this.#http;
    const count = batch === true ? this.#onTheirWay - batchOptions.length : 1;
    const sent = Math.max(0, Math.min(count, this.#onTheirWay));
    this.#onTheirWay -= sent;
    return sent;
  }
}
