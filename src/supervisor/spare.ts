import { machineNowMs, type StartOrder } from '../wire/index.ts';
import type { ContainedProcess } from './contained-process.ts';
import { evaluatorReady, loadLine } from './evaluator-talk.ts';
import { brokenLimit, nextLookMs } from './limits.ts';

/** An evaluator that is loaded before anybody asks for it, in place of one that was ended: under the same limits. */
export class Spare {
  /** Resolves to the loaded process, or to nothing when it could not be loaded, and is gone. */
  readonly loaded: Promise<ContainedProcess | undefined>;
  readonly #order: StartOrder;
  readonly #process: ContainedProcess;
  readonly #spawnedMs = machineNowMs();
  #look: NodeJS.Timeout | undefined;
  #settle: (isLoaded: boolean) => void = () => undefined;

  constructor(order: StartOrder, process: ContainedProcess) {
    this.#order = order;
    this.#process = process;
    const settled = new Promise<boolean>((resolve) => (this.#settle = resolve));
    this.loaded = settled.then((isLoaded) => this.#outcome(isLoaded));
    process.let({
      onFrame: (frame) => {
        if (evaluatorReady(frame)) this.#settle(true);
      },
      onExit: () => {
        this.#settle(false);
      },
    });
    process.say(loadLine(order));
    this.#watch();
  }

  /** Gives it up. */
  end(): void {
    this.#settle(false);
  }

  /** The last act of a supervisor that has to end: no waiting. */
  strike(): void {
    this.#process.strike();
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
    if (brokenLimit(this.#order.limits, seen) !== undefined) {
      this.#settle(false);
      return;
    }
    this.#look = setTimeout(
      () => {
        this.#watch();
      },
      nextLookMs(this.#order.limits, seen),
    );
  }

  async #outcome(isLoaded: boolean): Promise<ContainedProcess | undefined> {
    clearTimeout(this.#look);
    this.#process.let(undefined);
    if (isLoaded) return this.#process;
    await this.#process.end();
    this.#process.close();
    return undefined;
  }
}
