import { SHARE_ENV, type Worker } from 'node:worker_threads';
import { siblingEntry } from './sibling-url.ts';
import type { HostToWatchdog, ThreadOrder, WatchdogToHost } from './thread-messages.ts';
import { startThread } from './thread-start.ts';

/** What is heard of one evaluation; `lost` is the watchdog's own end, and that of all its threads. */
export type HeardOfThread = WatchdogToHost | { readonly type: 'lost'; readonly how: string };

/**
 * The host's side of the watchdog thread: starts it with the first executor, replaces it when it is lost, and keeps the host alive
 * only while an evaluation runs.
 */
class WatchdogLink {
  readonly #listeners = new Map<string, (heard: HeardOfThread) => void>();
  /** Evaluations that are settled, and whose threads have not ended. */
  readonly #stuck = new Set<string>();
  #worker: Worker | undefined;

  /** Starts the watchdog now. Where there is no thread for it now, the first evaluation asks for one again. */
  prepare(): void {
    try {
      this.#worker ??= this.#start();
    } catch {
      // told where one is needed
    }
  }

  /** Has an evaluation begun. @throws where no thread can be started, or the order cannot be sent: then nothing is heard of it. */
  start(order: ThreadOrder, listener: (heard: HeardOfThread) => void): void {
    this.#worker ??= this.#start();
    this.#post({ type: 'start', order }, [order.input]);
    this.#listeners.set(order.id, listener);
    this.#keepAlive();
  }

  abort(id: string): void {
    this.#post({ type: 'abort', id });
  }

  kill(id: string): void {
    this.#post({ type: 'kill', id });
  }

  #post(message: HostToWatchdog, moved: readonly ArrayBuffer[] = []): void {
    this.#worker?.postMessage(message, moved);
  }

  #start(): Worker {
    const heard = new Int32Array(new SharedArrayBuffer(4));
    const entry = siblingEntry('./thread-watchdog-entry', import.meta.url);
    const worker = startThread(entry, { workerData: { heard: heard.buffer }, env: SHARE_ENV });
    let how: string | undefined;
    worker.on('message', (message: WatchdogToHost) => {
      if (message.type === 'report') Atomics.add(heard, 0, 1);
      this.#hear(message);
    });
    worker.on('error', (error) => {
      how = error.message;
    });
    worker.once('exit', (code) => {
      if (this.#worker === worker) this.#lose(how ?? `exit code ${code}`);
    });
    worker.unref();
    return worker;
  }

  #hear(message: WatchdogToHost): void {
    const listener = this.#listeners.get(message.id);
    if (message.type === 'settled' && message.isStuck) this.#stuck.add(message.id);
    else if (message.type === 'settled' || message.type === 'gone') {
      this.#listeners.delete(message.id);
      this.#stuck.delete(message.id);
    }
    this.#keepAlive();
    listener?.(message);
  }

  /** A thread that cannot be stopped need not be waited for. */
  #keepAlive(): void {
    if (this.#listeners.size > this.#stuck.size) this.#worker?.ref();
    else this.#worker?.unref();
  }

  /** Threads end with the one that has started them. */
  #lose(how: string): void {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    this.#stuck.clear();
    this.#worker = undefined;
    for (const listener of listeners) listener({ type: 'lost', how });
  }
}

let link: WatchdogLink | undefined;

/** The one watchdog of this process. */
export function watchdogLink(): WatchdogLink {
  return (link ??= new WatchdogLink());
}
