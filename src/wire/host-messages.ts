import type { Sample, Usage } from '../events/index.ts';

/** What an evaluation may use; what is missing is not limited. */
export interface Limits {
  readonly evaluationTimeMs?: number;
  readonly startTimeMs?: number;
  readonly itemTimeMs?: number;
  readonly memoryMb?: number;
}

/** Everything the supervisor needs to start one evaluation. */
export interface StartOrder {
  /** The execution's own, unlike that of any other on this machine. */
  readonly id: string;
  readonly evaluationId: string;
  readonly name: string;
  /** The evaluator's module, a `file:` URL. */
  readonly module: string;
  /** The file that runs inside the evaluator's process, and the arguments of its Node. */
  readonly entry: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The evaluation's own folder in shared memory: input, mailbox, partial result, result. */
  readonly folder: string;
  /** The input is whole once its file has this size: no word of a busy host is needed. */
  readonly inputBytes: number;
  readonly seed: number;
  readonly limits: Limits;
  readonly graceMs: number;
  readonly maxResultMb: number;
}

export type HostToSupervisor =
  | { readonly type: 'start'; readonly order: StartOrder }
  /** `signal` first, the kill after the grace. */
  | { readonly type: 'abort'; readonly id: string }
  /** The kill at once. */
  | { readonly type: 'kill'; readonly id: string }
  | { readonly type: 'ping' };

/** A broken limit, as the supervisor saw it; times are wall-clock milliseconds. */
export interface Breach {
  readonly rule: keyof Limits;
  readonly limit: number;
  readonly observed: number;
  readonly unit: string;
  readonly observedAt: number;
  readonly deadlineAt?: number;
  readonly killedAt: number;
  readonly goneAt: number;
  readonly starved?: boolean;
  readonly message: string;
}

export type Verdict =
  | { readonly kind: 'result' }
  | { readonly kind: 'breach'; readonly breach: Breach }
  | {
      readonly kind: 'failed';
      readonly errorKind: 'crashed' | 'rejected';
      readonly code: string;
      readonly message: string;
      readonly stack?: string | undefined;
    }
  /** It was asked to stop, by an abort or a kill. */
  | { readonly kind: 'stopped'; readonly killedAt: number; readonly goneAt: number };

/** Items, progress and partial results, told when they changed. */
export interface ProgressReport {
  readonly items: { readonly done: number; readonly running: { readonly name: string; readonly forMs: number } | null };
  readonly progress: {
    readonly done: number;
    readonly total?: number | undefined;
    readonly note?: string | undefined;
  } | null;
  readonly partials: number;
}

export type SupervisorToHost =
  /** It listens from here on, and what a former supervisor left has been ended. */
  | { readonly type: 'hello' }
  | { readonly type: 'pong' }
  /** Its last word: why it has to end. */
  | { readonly type: 'fatal'; readonly message: string }
  | { readonly type: 'started'; readonly id: string; readonly pid: number; readonly queuedMs: number }
  /** Ten times a second: a sample, and what has changed. */
  | { readonly type: 'report'; readonly id: string; readonly sample: Sample; readonly progress?: ProgressReport }
  /** The last process of its tree is gone. */
  | {
      readonly type: 'settled';
      readonly id: string;
      readonly verdict: Verdict;
      readonly usage: Usage;
      readonly report: ProgressReport;
      readonly dropped: readonly { readonly what: string; readonly count: number }[];
      /** The last 4 KB of stdout and stderr. */
      readonly output: string;
    };
