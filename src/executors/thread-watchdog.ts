import { reasonOf } from '../errors/index.ts';
import { settledUnstarted } from '../supervisor/settlement.ts';
import { machineNowMs, type Verdict } from '../wire/index.ts';
import { siblingEntry } from './sibling-url.ts';
import { ThreadEvaluation } from './thread-evaluation.ts';
import type { HostToWatchdog, SettledThread, ThreadOrder, WatchdogToHost } from './thread-messages.ts';

/** Sends to the host; what is in `moved` is given away. */
export type Post = (message: WatchdogToHost, moved: readonly ArrayBuffer[]) => void;

/** So many reports may wait for a busy host; more are left out. */
const mostUnheard = 32;

/**
 * Holds the limits of evaluations in threads, from a thread of its own: it starts theirs, looks at them, and ends them. It runs no
 * code of the user, so nothing blocks it, however long the host's thread is busy.
 */
export class ThreadWatchdog {
  readonly #post: Post;
  readonly #heard: Int32Array<SharedArrayBuffer>;
  readonly #evaluations = new Map<string, ThreadEvaluation>();
  #reports = 0;

  /** @param heard where the host counts the reports that it has heard */
  constructor(heard: SharedArrayBuffer, post: Post) {
    this.#heard = new Int32Array(heard);
    this.#post = post;
  }

  onMessage(message: HostToWatchdog): void {
    switch (message.type) {
      case 'start':
        this.#start(message.order);
        break;
      case 'abort':
        this.#evaluations.get(message.id)?.abort();
        break;
      case 'kill':
        this.#evaluations.get(message.id)?.kill();
    }
  }

  #start(order: ThreadOrder): void {
    const { id } = order;
    const entry = siblingEntry('./thread-evaluator-entry', import.meta.url);
    try {
      const evaluation = new ThreadEvaluation(order, entry, (told, moved = []) => this.#tell(told, moved));
      this.#evaluations.set(id, evaluation);
      void evaluation.gone.then(() => this.#evaluations.delete(id));
    } catch (error) {
      // The others go on: only this one has no thread.
      this.#tell(unstarted(id, error), []);
    }
  }

  #tell(message: WatchdogToHost, moved: readonly ArrayBuffer[]): boolean {
    if (message.type === 'report') {
      if (this.#reports - Atomics.load(this.#heard, 0) >= mostUnheard) return false;
      this.#reports++;
    }
    this.#post(message, moved);
    return true;
  }
}

function unstarted(id: string, error: unknown): SettledThread {
  const message = `No thread could be started for the evaluation: ${reasonOf(error)}`;
  const verdict: Verdict = { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_STARTED', message };
  const settled = settledUnstarted(id, verdict, 0);
  return { ...settled, toldMachineMs: machineNowMs(), isStuck: false, result: undefined, partial: undefined };
}
