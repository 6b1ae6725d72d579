import { closeSync, rmSync } from 'node:fs';
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
import { crashed, messageReader, type Heard, type Talk } from './talk.ts';

const messageOf = messageReader(evaluatorMessageSchema);

/** An evaluator's module: messages over its two descriptors, items and progress in the mailbox. */
export class EvaluatorTalk implements Talk {
  readonly letters: () => Letters;
  readonly #order: StartOrder;
  readonly #process: ContainedProcess;
  #mailbox: number | undefined;

  constructor(order: StartOrder, process: ContainedProcess) {
    this.#order = order;
    this.#process = process;
    const { mailbox } = filesOf(order.folder);
    this.#mailbox = createMailbox(mailbox);
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
    const message = messageOf(frame);
    if (message === undefined) return undefined;
    return message.type === 'failed' ? { ...message, kind: 'failed' } : { kind: message.type };
  }

  exited(exit: Exit): Decision {
    return crashed(exit, "The evaluator's process");
  }

  /** What an evaluator keeps it has kept when it tells so. */
  finish(): void {
    // nothing was put off
  }

  close(): void {
    if (this.#mailbox === undefined) return;
    closeSync(this.#mailbox);
    this.#mailbox = undefined;
    try {
      // An evaluation that begins anew has another.
      rmSync(filesOf(this.#order.folder).mailbox, { force: true });
    } catch {
      // what an evaluator has put in its place goes with the folder
    }
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
  return messageOf(frame)?.type === 'ready';
}
