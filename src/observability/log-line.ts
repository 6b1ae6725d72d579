import type { JournalledEvent } from '../events/index.ts';
import type { EventLevel } from './event-level.ts';
import { sentenceOf } from './event-sentence.ts';

/** An event as a log has it. */
export interface LogLine {
  readonly level: EventLevel;
  readonly message: string;
  /** `{ event, seq, runId, at }`, for loggers that write JSON. */
  readonly details: object;
}

/** Where lines go. None of it ever throws. */
export interface LineOutlet {
  /** Whether it wants lines of this level: what costs next to nothing. */
  takes(level: EventLevel): boolean;
  /** @param line `undefined` is one that could not be made, and is lost */
  log(line: LogLine | undefined): void;
  /** Tells what was lost so far. */
  tell(): void;
  /**
   * Lets go of what it holds, and tells what has been lost by then.
   *
   * @returns resolves when the last line has gone where it can go; bounds itself.
   */
  release(): Promise<void> | undefined;
}

/** Makes an event's line; `undefined` where a live value in it throws when it is looked at. */
export function lineOf(event: JournalledEvent, level: EventLevel): LogLine | undefined {
  try {
    const { type, seq, at, runId } = event;
    const details = { event: type, seq, runId, at };
    return { level, message: sentenceOf(event), details };
  } catch {
    return undefined;
  }
}
