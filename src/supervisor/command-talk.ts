import { renameSync, rmSync, writeFileSync } from 'node:fs';
import {
  commandMessageSchema,
  emptyLetters,
  filesOf,
  machineNowMs,
  type Letters,
  type StartOrder,
} from '../wire/index.ts';
import type { ContainedProcess, Exit } from './contained-process.ts';
import type { Decision } from './settlement.ts';
import { crashed, type Heard, type Talk } from './talk.ts';

/** Of items that run at once; more of them are not timed: the oldest decides. */
const mostItems = 10_000;

/** Any program behind its gate: JSON lines for items, progress and partial results, and its exit code for the rest. */
export class CommandTalk implements Talk {
  readonly #order: StartOrder;
  readonly #process: ContainedProcess;
  readonly #running = new Map<string, { readonly name: string; readonly startedMs: number }>();
  #letters = emptyLetters;

  constructor(order: StartOrder, process: ContainedProcess) {
    this.#order = order;
    this.#process = process;
  }

  /** The gate says by itself that it stands. */
  load(): void {
    // nothing to tell
  }

  begin(): void {
    this.#process.say('');
  }

  askToStop(): void {
    this.#process.signal('SIGTERM');
  }

  letters(): Letters {
    return this.#letters;
  }

  hear(frame: unknown): Heard | undefined {
    const message = commandMessageSchema.safeParse(frame);
    if (!message.success) return undefined;
    const { data } = message;
    switch (data.type) {
      case 'ready':
        return { kind: 'ready' };
      case 'missing':
        return this.#missing();
      case 'item':
        if (this.#running.size < mostItems)
          this.#running.set(data.name, { name: data.name, startedMs: machineNowMs() });
        this.#tell({});
        break;
      case 'item-end':
        if (this.#running.delete(data.name)) this.#tell({ done: this.#letters.done + 1 });
        break;
      case 'progress': {
        const { done, total, note } = data;
        const progress = { done, ...(total !== undefined && { total }), ...(note !== undefined && { note }) };
        this.#tell({ progress, progressCount: this.#letters.progressCount + 1 });
        break;
      }
      case 'partial':
        this.#keep(data.value);
    }
    return undefined;
  }

  exited(exit: Exit): Decision {
    return exit.code === 0 ? { kind: 'result' } : crashed(exit, 'The command');
  }

  close(): void {
    this.#running.clear();
  }

  #tell(changed: Partial<Letters>): void {
    // A map keeps the order of insertion: its first is the item that has run longest.
    const [oldest = null] = this.#running.values();
    this.#letters = { ...this.#letters, ...changed, running: oldest };
  }

  /** Whole or not at all: a reader never meets half a value. And never into what somebody has put there: it may be a pipe. */
  #keep(value: unknown): void {
    const { partial } = filesOf(this.#order.folder);
    try {
      rmSync(`${partial}.new`, { force: true });
      writeFileSync(`${partial}.new`, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
      renameSync(`${partial}.new`, partial);
      this.#tell({ partialCount: this.#letters.partialCount + 1 });
    } catch {
      // no room: what was kept before stays
    }
  }

  #missing(): Decision {
    const { program } = this.#order;
    const name = program.kind === 'command' ? (program.argv[0] ?? '') : '';
    const message = `No program "${name}" can be run here: install it, or give its whole path.`;
    return { kind: 'failed', errorKind: 'rejected', code: 'EVALUATOR_NOT_FOUND', message };
  }
}
