import type { Letters } from '../wire/index.ts';
import type { Exit } from './contained-process.ts';
import type { Decision } from './settlement.ts';

/** What a frame of the program means: it is loaded, or it is how the evaluation ends. */
export type Heard = { readonly kind: 'ready' } | Decision;

/** How one kind of program is loaded, begun, heard and asked to stop, for one evaluation. */
export interface Talk {
  load(): void;
  begin(): void;
  askToStop(): void;
  /** What it has told of its items and its progress. */
  letters(): Letters;
  /** A program may write what it likes: what is no message of its kind means nothing. */
  hear(frame: unknown): Heard | undefined;
  exited(exit: Exit): Decision;
  /** The evaluation is over: what was put off is done now, before the host hears of it. */
  finish(): void;
  close(): void;
}

/** A schema of messages that are told apart by their type. */
interface MessageSchema<Message> {
  readonly options: readonly { readonly shape: { readonly type: { readonly value: string } } }[];
  readonly safeParse: (frame: unknown) => { readonly success: boolean; readonly data?: Message | undefined };
}

/**
 * Reads frames as messages of a schema; what is none is nothing. Their type is looked at first: in a flood it costs most to find out
 * what is wrong.
 */
export function messageReader<Message>(schema: MessageSchema<Message>): (frame: unknown) => Message | undefined {
  const types = new Set<unknown>(schema.options.map(({ shape }) => shape.type.value));
  return (frame) => {
    if (typeof frame !== 'object' || frame === null || !('type' in frame) || !types.has(frame.type)) return undefined;
    return schema.safeParse(frame).data;
  };
}

/** The verdict about a process that ended without an answer. */
export function crashed({ code, signal }: Exit, who: string): Decision {
  const how = signal === null ? `with exit code ${code ?? '?'}` : `by ${signal}`;
  const message = `${who} ended (${how}) before it had answered.${signal === 'SIGKILL' ? killedFromOutside : ''}`;
  return { kind: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message };
}

const killedFromOutside =
  " Pitwall did not send that: it was the kernel, short of memory (its log tells), or somebody's kill.";
