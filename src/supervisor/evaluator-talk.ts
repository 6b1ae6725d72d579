import { closeSync, openSync } from 'node:fs';
import {
  createMailbox,
  evaluatorMessageSchema,
  filesOf,
  mailboxReader,
  type Letters,
  type StartOrder,
  type SupervisorToEvaluator,
} from '../wire/index.ts';
import type { ContainedProcess, Exit } from './contained-process.ts';
import type { Decision } from './settlement.ts';
import { crashed, type Heard, type Talk } from './talk.ts';

/** An evaluator's module: messages over its two descriptors, items and progress in the mailbox. */
export class EvaluatorTalk implements Talk {
  readonly letters: () => Letters;
  readonly #order: StartOrder;
  readonly #process: ContainedProcess;
  readonly #mailbox: number;

  constructor(order: StartOrder, process: ContainedProcess) {
    this.#order = order;
    this.#process = process;
    const { mailbox } = filesOf(order.folder);
    createMailbox(mailbox);
    this.#mailbox = openSync(mailbox, 'r');
    this.letters = mailboxReader(this.#mailbox);
  }

  load(): void {
    this.#process.say(loadLine(this.#order));
  }

  begin(): void {
    const { evaluationId, name, folder, spillFolder, seed, maxResultMb } = this.#order;
    this.#say({ type: 'go', evaluationId, name, folder, spillFolder, seed, maxResultMb });
  }

  askToStop(): void {
    this.#say({ type: 'abort' });
  }

  hear(frame: unknown): Heard | undefined {
    const message = evaluatorMessageSchema.safeParse(frame);
    if (!message.success) return undefined;
    const { data } = message;
    return data.type === 'failed' ? { ...data, kind: 'failed' } : { kind: data.type };
  }

  exited(exit: Exit): Decision {
    return crashed(exit, "The evaluator's process");
  }

  close(): void {
    closeSync(this.#mailbox);
  }

  #say(message: SupervisorToEvaluator): void {
    this.#process.say(JSON.stringify(message));
  }
}

/** The word that has an evaluator's process load its module. */
export function loadLine({ program }: StartOrder): string {
  return JSON.stringify({ type: 'load', module: program.kind === 'evaluator' ? program.module : '' });
}

/** Whether a frame says that the module is loaded. */
export function evaluatorReady(frame: unknown): boolean {
  const message = evaluatorMessageSchema.safeParse(frame);
  return message.success && message.data.type === 'ready';
}
