import { renameSync, writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { emptyLetters, filesOf, machineNowMs, mailboxWriter, type Letters } from '../wire/index.ts';
import type { EvaluatorContext, ProgressTeller } from './define-evaluator.ts';

/** Makes an evaluator's context over the mailbox in `folder`: every call has told before it returns. */
export function contextOf(folder: string, seed: number, signal: AbortSignal): EvaluatorContext {
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

  const item: EvaluatorContext['item'] = async (name, work) => {
    const mark = { name, startedMs: machineNowMs() };
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
    const told = typeof first === 'number' ? { done: first, total, note } : first;
    tell({ progress: told, progressCount: letters.progressCount + 1 });
  };

  const partial = (value: unknown): void => {
    // Whole or not at all: a reader never meets half a value.
    writeFileSync(`${files.partial}.new`, serialize(value));
    renameSync(`${files.partial}.new`, files.partial);
    tell({ partialCount: letters.partialCount + 1 });
  };

  return { signal, item, progress, partial, seed };
}
