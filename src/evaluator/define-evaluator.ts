/** What an evaluator is given beside its input. */
export interface EvaluatorContext {
  /** Aborts when somebody asks the evaluation to stop: there are 100 ms (`graceMs`) left then to leave a partial result. */
  readonly signal: AbortSignal;
  /**
   * Runs one item (a game, a batch) and gives what `work` gives. Its time is limited by the rule `itemTimeMs`, also when it never
   * lets the event loop run. Items may overlap: each has its own deadline.
   */
  readonly item: <T>(name: string, work: () => T | PromiseLike<T>) => Promise<T>;
  /** Tells how far it is; call it as often as you like: the latest value wins. */
  readonly progress: ProgressTeller;
  /** Keeps what was learned so far: a stopped evaluation has it as `partial`, marked inconclusive. */
  readonly partial: (value: unknown) => void;
  /** A whole number from 0 to 2^32 - 1, of this evaluation alone: the same name, epoch and step give the same seed. */
  readonly seed: number;
}

/** `progress(3, 20, 'game 3')`, or `progress({ done: 3, total: 20 })`. */
export interface ProgressTeller {
  (done: number, total?: number, note?: string): void;
  (progress: { readonly done: number; readonly total?: number; readonly note?: string }): void;
}

/** The function that evaluates: what the default export of an evaluator's module is. */
export type Evaluator<I = unknown, O = unknown> = (input: I, context: EvaluatorContext) => O | PromiseLike<O>;

/**
 * Defines an evaluator: the default export of a module that runs in a process of its own.
 *
 * Input and result travel by structured clone: plain objects, arrays, typed arrays, maps, dates; no functions. The arrays of an
 * input lie in one memory: who takes `weights.buffer` takes `weights.byteOffset` too.
 *
 * @example
 * export default defineEvaluator(async (input: { weights: Float32Array }, { item, signal }) => {
 *   let won = 0;
 *   for (let game = 1; game <= 20; game++) won += await item(`game ${game}`, () => play(input.weights, signal));
 *   return { winRate: won / 20 };
 * });
 */
export function defineEvaluator<I, O>(
  evaluate: (input: I, context: EvaluatorContext) => O | PromiseLike<O>,
): Evaluator<I, O> {
  return evaluate;
}
