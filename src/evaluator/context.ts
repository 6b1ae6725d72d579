import { renameSync, writeFileSync } from 'node:fs';
import { told } from '../errors/index.ts';
import { emptyLetters, filesOf, machineNowMs, mailboxWriter, type Letters } from '../wire/index.ts';
import type { EvaluatorContext, ProgressTeller } from './define-evaluator.ts';
import { packed, type PackLimits } from './packed-answer.ts';

/** Makes an evaluator's context over the mailbox in `folder`: every call has told before it returns. */
export function contextOf(
  { folder, seed, ...limits }: { readonly folder: string; readonly seed: number } & PackLimits,
  signal: AbortSignal,
): EvaluatorContext {
  const files = filesOf(folder);
  const write = mailboxWriter(files.mailbox);
  const running = new Set<NonNullable<Letters['running']>>();
  let letters = emptyLetters;
  const tell = (changed: Partial<Letters>): void => {
    letters = { ...letters, ...changed };
    write(letters);
  };
  // A set keeps the order of insertion: its first is the item that has run longest.
  const oldest = (): Letters['running'] => running.values().next().value ?? null;

  const item = async <T>(name: unknown, work: () => T | PromiseLike<T>): Promise<T> => {
    const mark = { name: typeof name === 'string' ? name : told(name), startedMs: machineNowMs() };
    running.add(mark);
    tell({ running: oldest() });
    try {
      return await work();
    } finally {
      running.delete(mark);
      tell({ done: letters.done + 1, running: oldest() });
    }
  };

  const progress: ProgressTeller = (first, total?: number, note?: string) => {
    const given = typeof first === 'number' ? { done: first, total, note } : first;
    tell({ progress: wellFormed(given), progressCount: letters.progressCount + 1 });
  };

  const partial = (value: unknown): void => {
    const bytes = packed(value, 'partial result', limits);
    // Whole or not at all: a reader never meets half a value.
    writeFileSync(`${files.partial}.new`, bytes);
    renameSync(`${files.partial}.new`, files.partial);
    tell({ partialCount: letters.partialCount + 1 });
  };

  return { signal, item, progress, partial, seed };
}

/** What is no number is left out: a wrong progress is not worth an evaluation. */
function wellFormed({ done, total, note }: { done: unknown; total?: unknown; note?: unknown }): Letters['progress'] {
  if (typeof done !== 'number' || !Number.isFinite(done)) return null;
  return {
    done,
    ...(typeof total === 'number' && Number.isFinite(total) && { total }),
    ...(typeof note === 'string' && { note }),
  };
}
