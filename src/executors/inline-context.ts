import type { Clock } from '../clock/index.ts';
import type { EvaluatorContext } from '../evaluator/index.ts';
import type { Job, Telemetry } from './executor.ts';

/** The context of an evaluator that runs in this process: what it tells goes straight to the job's telemetry. */
export function inlineContext(
  { seed, telemetry }: Pick<Job, 'seed' | 'telemetry'>,
  signal: AbortSignal,
  clock: Clock,
): EvaluatorContext {
  // A set keeps the order of insertion: its first is the item that has run longest.
  const running = new Set<{ readonly name: string; readonly startedMs: number }>();
  let done = 0;
  const tell = (telling: Telemetry): void => {
    if (!signal.aborted) telemetry.next(telling);
  };
  const tellItems = (): void => {
    const [oldest] = running;
    tell({
      type: 'item',
      done,
      running: oldest === undefined ? null : { name: oldest.name, forMs: clock.now() - oldest.startedMs },
    });
  };
  return {
    signal,
    seed,
    item: async (name, work) => {
      const mark = { name, startedMs: clock.now() };
      running.add(mark);
      tellItems();
      try {
        return await work();
      } finally {
        running.delete(mark);
        done += 1;
        tellItems();
      }
    },
    progress: (
      first: number | { readonly done: number; readonly total?: number; readonly note?: string },
      total?: number,
      note?: string,
    ) => {
      tell({ type: 'progress', ...(typeof first === 'number' ? { done: first, total, note } : first) });
    },
    partial: (value) => {
      // Also after the abort: the grace is there to leave one.
      telemetry.next({ type: 'partial', value });
    },
  };
}
