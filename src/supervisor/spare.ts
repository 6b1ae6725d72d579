import { machineNowMs, type StartOrder } from '../wire/index.ts';
import type { ContainedProcess } from './contained-process.ts';
import { evaluatorReady, loadLine } from './evaluator-talk.ts';
import { brokenLimit, nextLookMs } from './limits.ts';

/** An evaluator that is loaded before anybody asks for it, in place of one that was ended: under the same limits. */
export class Spare {
  readonly order: StartOrder;
  /** Resolves to the loaded process, or to nothing when it could not be loaded and is gone, or was given away before. */
  readonly loaded: Promise<ContainedProcess | undefined>;
  readonly #process: ContainedProcess;
  readonly #spawnedMs = machineNowMs();
  #state: 'loading' | 'loaded' | 'given' | 'ended' = 'loading';
  #look: NodeJS.Timeout | undefined;
  #settle: () => void = () => undefined;

  constructor(order: StartOrder, process: ContainedProcess) {
    this.order = order;
    this.#process = process;
    const settled = new Promise<void>((resolve) => (this.#settle = resolve));
    this.loaded = settled.then(() => this.#outcome());
    process.let({
      onFrame: (frame) => {
        if (evaluatorReady(frame)) this.#become('loaded');
      },
      onExit: () => {
        this.#become('ended');
      },
    });
    process.say(loadLine(order));
    this.#watch();
  }

  get isLoading(): boolean {
    return this.#state === 'loading';
  }

  /** Gives its process away as it is, in the middle of its loading. @returns nothing where it is not loading any more. */
  give(): ContainedProcess | undefined {
    return this.#become('given') ? this.#process : undefined;
  }

  /** Gives it up. */
  end(): void {
    this.#become('ended');
  }

  /** The last act of a supervisor that has to end: no waiting. */
  strike(): void {
    this.#process.strike();
  }

  /** Once. */
  #become(state: 'loaded' | 'given' | 'ended'): boolean {
    if (this.#state !== 'loading') return false;
    this.#state = state;
    clearTimeout(this.#look);
    this.#process.let(undefined);
    this.#settle();
    return true;
  }

  #watch(): void {
    const { tree } = this.#process;
    tree.refresh();
    const seen = {
      nowMs: machineNowMs(),
      spawnedMs: this.#spawnedMs,
      startedMs: undefined,
      running: null,
      memoryMb: tree.residentMb(),
    };
    if (brokenLimit(this.order.limits, seen) !== undefined) {
      this.end();
      return;
    }
    this.#look = setTimeout(
      () => {
        this.#watch();
      },
      nextLookMs(this.order.limits, seen),
    );
  }

  async #outcome(): Promise<ContainedProcess | undefined> {
    if (this.#state === 'loaded') return this.#process;
    if (this.#state === 'given') return undefined;
    await this.#process.end();
    this.#process.close();
    return undefined;
  }
}
