import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  commandMessageSchema,
  emptyLetters,
  filesOf,
  machineNowMs,
  type Letters,
  type StartOrder,
} from '../wire/index.ts';
import type { ContainedProcess, Exit } from './contained-process.ts';
import type { CountedLetters } from './reporter.ts';
import type { Decision } from './settlement.ts';
import { crashed, messageReader, type Heard, type Talk } from './talk.ts';

/** Of items that run at once; more of them are not timed: the oldest decides. */
const mostItems = 10_000;
/** A partial result is a file: of more than ten a second the latest is written. */
const keepEveryMs = 100;

const messageOf = messageReader(commandMessageSchema);

/** Any program behind its gate: JSON lines for items, progress and partial results, and its exit code for the rest. */
export class CommandTalk implements Talk {
  readonly #order: StartOrder;
  readonly #process: Pick<ContainedProcess, 'say' | 'signal'>;
  readonly #nowMs: () => number;
  readonly #running = new Map<string, { readonly name: string; readonly startedMs: number }>();
  #letters: CountedLetters = { ...emptyLetters, droppedPartials: 0 };
  /** Until it is ready the gate speaks, and then the program. */
  #isReady = false;
  #unkept: { readonly value: unknown } | undefined;
  #keptMs = -Infinity;

  constructor(
    order: StartOrder,
    process: Pick<ContainedProcess, 'say' | 'signal'>,
    nowMs: () => number = machineNowMs,
  ) {
    this.#order = order;
    this.#process = process;
    this.#nowMs = nowMs;
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

  /** Ten times a second what was put off is kept. */
  letters(): CountedLetters {
    if (this.#nowMs() - this.#keptMs >= keepEveryMs) this.finish();
    return this.#letters;
  }

  hear(frame: unknown): Heard | undefined {
    const message = messageOf(frame);
    switch (message?.type) {
      case undefined:
        break;
      case 'ready':
        this.#isReady = true;
        return { kind: 'ready' };
      case 'missing':
        return this.#isReady ? undefined : this.#missing();
      case 'item':
        this.#running.delete(message.name); // begun anew, it is the youngest
        if (this.#running.size < mostItems)
          this.#running.set(message.name, { name: message.name, startedMs: this.#nowMs() });
        this.#tell({});
        break;
      case 'item-end':
        if (this.#running.delete(message.name)) this.#tell({ done: this.#letters.done + 1 });
        break;
      case 'progress': {
        const { done, total, note } = message;
        const progress = { done, ...(total !== undefined && { total }), ...(note !== undefined && { note }) };
        this.#tell({ progress, progressCount: this.#letters.progressCount + 1 });
        break;
      }
      case 'partial':
        this.#putOff(message.value);
    }
    return undefined;
  }

  exited(exit: Exit): Decision {
    this.finish();
    return exit.code === 0 ? { kind: 'result' } : crashed(exit, 'The command');
  }

  /** Keeps the partial result that was told last. */
  finish(): void {
    const unkept = this.#unkept;
    this.#unkept = undefined;
    if (unkept !== undefined) this.#keep(unkept.value);
  }

  close(): void {
    this.#running.clear();
    this.#unkept = undefined;
  }

  #tell(changed: Partial<Letters>): void {
    // A map keeps the order of insertion: its first is the item that has run longest.
    const [oldest = null] = this.#running.values();
    this.#letters = { ...this.#letters, ...changed, running: oldest };
  }

  #putOff(value: unknown): void {
    if (this.#unkept !== undefined) this.#drop();
    this.#unkept = { value };
    if (this.#nowMs() - this.#keptMs >= keepEveryMs) this.finish();
  }

  /** Whole or not at all: a reader never meets half a value. And never into what somebody has put there: it may be a pipe. */
  #keep(value: unknown): void {
    const { partial } = filesOf(this.#order.folder);
    this.#keptMs = this.#nowMs();
    try {
      rmSync(`${partial}.new`, { force: true });
      writeFileSync(`${partial}.new`, JSON.stringify(value), { flag: 'wx', mode: 0o600 });
      renameSync(`${partial}.new`, partial);
      this.#tell({ partialCount: this.#letters.partialCount + 1 });
    } catch {
      this.#drop(); // no room: what was kept before stays
    }
  }

  #drop(): void {
    this.#letters = { ...this.#letters, droppedPartials: this.#letters.droppedPartials + 1 };
  }

  #missing(): Decision {
    const { program } = this.#order;
    const { argv: [name = ''] = [], cwd = '' } = program.kind === 'command' ? program : {};
    const isThere = name.includes('/') && existsSync(resolve(cwd, name));
    const message = isThere
      ? `The program "${name}" is no file that may be run: make it one (chmod +x), or give it to its interpreter, as in ['bash', …].`
      : `No program "${name}" can be run here: install it, or give its whole path.`;
    return { kind: 'failed', errorKind: 'rejected', code: 'EVALUATOR_NOT_FOUND', message };
  }
}
