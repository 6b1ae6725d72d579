import type { Usage } from '../events/index.ts';
import type { EvaluatorMessage, Limits, SupervisorToHost, Verdict } from '../wire/index.ts';
import type { LeavingMemory } from './thread-leaving.ts';
import type { LetterboxMemory } from './thread-mailbox.ts';

/** Everything the watchdog thread needs to run one evaluation. */
export interface ThreadOrder {
  /** The execution's own. */
  readonly id: string;
  readonly name: string;
  /** The evaluator's module, a `file:` URL. */
  readonly module: string;
  readonly seed: number;
  readonly limits: Limits;
  readonly graceMs: number;
  readonly maxResultMb: number;
  readonly logFolder: string | undefined;
  /** The packed input; it is moved, not copied, from thread to thread. */
  readonly input: ArrayBuffer;
}

export type HostToWatchdog =
  | { readonly type: 'start'; readonly order: ThreadOrder }
  /** `signal` first, its end after the grace. */
  | { readonly type: 'abort'; readonly id: string }
  /** Its end at once. */
  | { readonly type: 'kill'; readonly id: string };

type Report = Extract<SupervisorToHost, { type: 'report' }>;

export type WatchdogToHost =
  | { readonly type: 'started'; readonly id: string }
  | Report
  | SettledThread
  /** A thread that could not be stopped when its evaluation was settled has ended after all. */
  | { readonly type: 'gone'; readonly id: string };

/** How an evaluation ended. */
export interface SettledThread extends Pick<Extract<SupervisorToHost, { type: 'settled' }>, 'dropped' | 'output'> {
  readonly type: 'settled';
  readonly id: string;
  /** While `isStuck` its `goneAt` says when the wait for the thread was given up. */
  readonly verdict: Verdict;
  readonly usage: Usage;
  readonly report: NonNullable<Report['progress']>;
  /** The thread goes on inside a call that cannot be interrupted. */
  readonly isStuck: boolean;
  /** The machine's monotonic milliseconds when this was told. */
  readonly toldMachineMs: number;
  /** The packed result of an evaluation that gave one. */
  readonly result: Uint8Array<ArrayBuffer> | undefined;
  /** The last packed partial result of one that gave none. */
  readonly partial: Uint8Array<ArrayBuffer> | undefined;
}

/** The pipes into which an evaluation's thread prints. */
export interface PrintedMemory {
  readonly stdout: SharedArrayBuffer;
  readonly stderr: SharedArrayBuffer;
}

/** What an evaluation's thread is born with. */
export interface ThreadBirth {
  readonly module: string;
  readonly name: string;
  readonly seed: number;
  readonly maxResultMb: number;
  readonly letterbox: LetterboxMemory;
  readonly printed: PrintedMemory;
  readonly leaving: LeavingMemory;
}

export type WatchdogToEvaluator =
  | { readonly type: 'go'; readonly input: ArrayBuffer }
  | { readonly type: 'abort' }
  /** To end itself. */
  | { readonly type: 'leave' };

export type ThreadToWatchdog =
  /** Loaded; `thread` is the system's number of it, where there is one. */
  | { readonly type: 'ready'; readonly thread: number | undefined }
  | { readonly type: 'result'; readonly bytes: Uint8Array<ArrayBuffer> }
  | Extract<EvaluatorMessage, { type: 'failed' }>
  /** It has printed something, which the watchdog had asked to hear of: seldom, however much is printed. */
  | { readonly type: 'printed'; readonly stream: keyof PrintedMemory }
  /** More room for partial results: told before it is used, and twice as large each time, so seldom. */
  | { readonly type: 'room'; readonly index: number; readonly memory: SharedArrayBuffer };
