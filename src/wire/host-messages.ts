import type { Sample, Usage } from '../events/index.ts';

/** A limit of what is sampled, that is held by giving less or by ending, or whose breach is only told. */
export interface SampledLimit {
  readonly limit: number;
  readonly action: 'throttle' | 'warn' | 'abort';
  /** How long it must lie above the limit on end, in ms. */
  readonly sustainMs: number;
  /** What becomes of an evaluation of which it cannot be measured. */
  readonly whenUnmeasured: 'report' | 'abort';
}

/** What an evaluation may use; what is missing is not limited. */
export interface Limits {
  readonly evaluationTimeMs?: number;
  readonly startTimeMs?: number;
  readonly itemTimeMs?: number;
  readonly memoryMb?: number;
  /** Of one core. */
  readonly cpuPercent?: SampledLimit;
  /** Of the GPU that it uses most. */
  readonly gpuUtilizationPercent?: SampledLimit;
  readonly gpuMemoryMb?: SampledLimit;
}

/** What is run: an evaluator's module inside our own entry file, or any program. */
export type Program =
  | {
      readonly kind: 'evaluator';
      /** The evaluator's module, a `file:` URL. */
      readonly module: string;
      /** The file that runs inside the evaluator's process, and the arguments of its Node. */
      readonly entry: string;
      readonly nodeArgs: readonly string[];
    }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly cwd: string };

/** Everything the supervisor needs to start one evaluation. */
export interface StartOrder {
  /** The execution's own, unlike that of any other on this machine. */
  readonly id: string;
  readonly evaluationId: string;
  readonly name: string;
  readonly program: Program;
  readonly env: Readonly<Record<string, string>>;
  /** The evaluation's own folder in shared memory: input, mailbox, partial result, result. */
  readonly folder: string;
  /** The input is whole once each file has this size: no word of a busy host is needed. */
  readonly inputs: readonly { readonly path: string; readonly bytes: number }[];
  /** Where its result goes when there is no room in `folder`. */
  readonly spillFolder?: string | undefined;
  /** Where its stdout and stderr are kept; without it only their last words are. */
  readonly logFolder?: string | undefined;
  /** The process is kept for the next evaluation of the same program: so many of them, each for so many evaluations. */
  readonly warm?: { readonly keep: number; readonly recycleAfter: number } | undefined;
  readonly seed: number;
  readonly limits: Limits;
  readonly graceMs: number;
  readonly maxResultMb: number;
}

/** What all evaluations of a host may use together; what is missing has its default. */
export interface Capacity {
  readonly maxProcesses?: number | undefined;
  readonly totalMemoryMb?: number | undefined;
}

export type HostToSupervisor =
  | { readonly type: 'capacity'; readonly capacity: Capacity }
  | { readonly type: 'start'; readonly order: StartOrder }
  /** `signal` first, the kill after the grace. */
  | { readonly type: 'abort'; readonly id: string }
  /** The kill at once. */
  | { readonly type: 'kill'; readonly id: string }
  /** Pauses it for so long at most; 0 lets it go on. */
  | { readonly type: 'pace'; readonly id: string; readonly order: number; readonly pauseMs: number }
  /** The result could be read, or could not: a warm evaluator serves again only after a good one. */
  | { readonly type: 'answered'; readonly id: string; readonly isReadable: boolean }
  | { readonly type: 'ping' };

/**
 * What caught an evaluation's memory: the look at its process tree, V8's own limit of its heap, the limit of its writable memory
 * (`prlimit --data`), or the control group's.
 */
export type MemoryLayer = 'poll' | 'heap' | 'data' | 'cgroup';

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
  readonly layer?: MemoryLayer;
  /** How long it had been paused. */
  readonly pausedMs: number;
  readonly message: string;
}

/** A limit that is held by giving less, or only told: its breach, or the end of one. */
export type Throttling = Pick<
  Breach,
  'rule' | 'limit' | 'observed' | 'unit' | 'observedAt' | 'pausedMs' | 'message'
> & {
  /** `warn` also where only the whole machine's use is known. */
  readonly action: 'throttle' | 'warn';
};

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

/** A rule that this machine gives no means to hold, or not in every case. */
export interface Unenforceable {
  readonly rule: string;
  readonly why: string;
}

/** Items, progress and partial results, told when they changed. */
export interface ProgressReport {
  readonly items: {
    readonly done: number;
    readonly total?: number;
    /** `forMs` is its own time: pauses are not in it. While it is paused, it is told again and again. */
    readonly running: { readonly name: string; readonly forMs: number } | null;
  };
  /** `null` also where it is what it was. */
  readonly progress: {
    readonly done: number;
    readonly total?: number | undefined;
    readonly note?: string | undefined;
  } | null;
  readonly partials: number;
}

/** What the supervisor, who was there to the end, has measured: its times are known. */
export type SettledUsage = Usage & Record<'wallMs' | 'startMs' | 'pausedMs' | 'queuedMs' | 'goneMs', number>;

export type SupervisorToHost =
  /** It listens from here on, and what a former supervisor left has been ended. */
  | { readonly type: 'hello' }
  | { readonly type: 'pong' }
  /** Its last word: why it has to end. */
  | { readonly type: 'fatal'; readonly message: string }
  | {
      readonly type: 'started';
      readonly id: string;
      readonly pid: number;
      readonly queuedMs: number;
      /** What this machine gives no means to hold. */
      readonly unenforceable: readonly Unenforceable[];
      /** What cannot be measured here, as far as that is known at its start. */
      readonly unmeasured: readonly Unenforceable[];
    }
  /** Ten times a second: a sample, and what has changed. */
  | { readonly type: 'report'; readonly id: string; readonly sample: Sample; readonly progress?: ProgressReport }
  /** It uses more than a limit, and gets less from now on where that is its action; or it gets all again. */
  | { readonly type: 'throttled' | 'recovered'; readonly id: string; readonly throttling: Throttling }
  /** Of a rule nothing could be measured, and why. */
  | { readonly type: 'unmeasured'; readonly id: string; readonly rule: string; readonly why: string }
  /** An order to pause or to go on is carried out, or the time of a pause is over: since then, by the machine's monotonic clock. */
  | {
      readonly type: 'paced';
      readonly id: string;
      readonly order: number;
      readonly isPaused: boolean;
      readonly atMachineMs: number;
    }
  /** Nothing is paused here. */
  | { readonly type: 'unpaceable'; readonly id: string; readonly why: string }
  /** After an answer that could not be read: its warm process is gone too. */
  | { readonly type: 'discarded'; readonly id: string }
  /** The last process of its tree is gone; a warm one that has answered is stopped. */
  | {
      readonly type: 'settled';
      readonly id: string;
      readonly verdict: Verdict;
      readonly usage: SettledUsage;
      readonly report: ProgressReport;
      readonly dropped: readonly { readonly what: string; readonly count: number }[];
      /** The last 4 KB of stdout and stderr, of an evaluation that failed. */
      readonly output: string;
      /** The last 64 KB of a command's stdout: its result may be the last line of it. */
      readonly stdout: string;
      /** When the last process was gone: the machine's monotonic milliseconds, which are the same in every process. */
      readonly goneMachineMs: number;
    };
