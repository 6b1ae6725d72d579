import { renameSync, rmSync } from 'node:fs';
import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { told } from '../errors/told.ts';
import {
  emptyLetters,
  filesOf,
  machineNowMs,
  mailboxWriter,
  writePackedFile,
  type Letters,
} from '../wire/evaluator-side.ts';
import type { EvaluatorContext, ProgressTeller } from './define-evaluator.ts';
import { packed, type PackLimits } from './packed-answer.ts';

/** As it is before the evaluator is loaded: a test library may fake it. */
const { hrtime } = process;

/** Where an evaluator's words go; both have arrived when they return. */
export interface Letterbox {
  readonly write: (letters: Letters) => void;
  /** Keeps a partial result in place of the former one. @throws {PitwallError} for what cannot be kept. */
  readonly keep: (value: unknown) => void;
}

/** The letterbox in an evaluation's folder. Once closed, what an evaluation has left running tells nothing any more. */
export function folderLetterbox(folder: string, limits: PackLimits): Letterbox & { readonly close: () => void } {
  const { mailbox, partial } = filesOf(folder);
  const { write, close } = mailboxWriter(mailbox);
  let isOpen = true;
  return {
    write,
    keep: (value) => {
      if (!isOpen) return;
      // Whole or not at all: a reader never meets half a value.
      const whole = packed(value, 'partial result', limits);
      try {
        writePackedFile(`${partial}.new`, whole);
        renameSync(`${partial}.new`, partial);
      } catch (cause) {
        rmSync(`${partial}.new`, { force: true });
        const message = `The partial result of "${limits.name}" could not be kept: ${reasonOf(cause)}`;
        throw new PitwallError('RESULT_NOT_WRITTEN', message, { cause });
      }
    },
    close: () => {
      isOpen = false;
      close();
    },
  };
}

/** Makes an evaluator's context over any letterbox. */
export function contextOver(
  { write, keep }: Letterbox,
  { signal, seed }: Pick<EvaluatorContext, 'signal' | 'seed'>,
): EvaluatorContext {
  const running = new Set<NonNullable<Letters['running']>>();
  let letters = emptyLetters;
  const tell = (changed: Partial<Letters>): void => {
    letters = { ...letters, ...changed };
    write(letters);
  };
  // A set keeps the order of insertion: its first is the item that has run longest.
  const oldest = (): Letters['running'] => running.values().next().value ?? null;

  const item = async <T>(name: unknown, work: () => T | PromiseLike<T>): Promise<T> => {
    if (typeof work !== 'function')
      throw new TypeError(`item(name, work) must get a function that does the work, but ${told(work)} came.`);
    const mark = { name: typeof name === 'string' ? name : reasonOf(name), startedMs: machineNowMs(hrtime) };
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
    tell({ progress: wellFormed(first, total, note), progressCount: letters.progressCount + 1 });
  };

  const partial = (value: unknown): void => {
    keep(value);
    tell({ partialCount: letters.partialCount + 1 });
  };

  return { signal, item, progress, partial, seed };
}

/** What is no number is left out: a wrong progress is not worth an evaluation. */
function wellFormed(first: unknown, ...rest: readonly unknown[]): Letters['progress'] {
  try {
    const given = typeof first === 'number' ? { done: first, total: rest[0], note: rest[1] } : (first ?? {});
    const { done, total, note } = given as Readonly<Record<string, unknown>>;
    if (typeof done !== 'number' || !Number.isFinite(done)) return null;
    return {
      done,
      ...(typeof total === 'number' && Number.isFinite(total) && { total }),
      ...(typeof note === 'string' && { note }),
    };
  } catch {
    return null; // it throws when it is read
  }
}
