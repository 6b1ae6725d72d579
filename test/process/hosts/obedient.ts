// A host that does what it is told: each line of its stdin is a command, each line of its stdout what has come of one.
import { open, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Subscription } from 'rxjs';
import {
  boundEvaluations,
  createJob,
  processExecutor,
  type Executor,
  type HardLimits,
  type Job,
  type ProcessExecutorOptions,
} from '../../../src/executors/index.ts';
import { childrenOf, identityOf, processesMarked, readProc } from '../../../src/probes/index.ts';
import { evaluationMark, scratchParents, scratchVariable } from '../../../src/wire/index.ts';
import type { EvaluationError } from '../../../src/sla/index.ts';

export interface RunCommand {
  readonly do: 'run';
  readonly id: string;
  readonly options?: ProcessExecutorOptions;
  readonly input?: object;
  /** Of a typed array beside the input. */
  readonly megabytes?: number;
  readonly limits?: HardLimits;
  readonly graceMs?: number;
  readonly logFolder?: string;
}

export type Command =
  | RunCommand
  | { readonly do: 'abort'; readonly id: string }
  | { readonly do: 'bound'; readonly maxProcesses: number }
  /** Whatever is given to the thread pool waits until this pipe has a writer; with one thread in it. */
  | { readonly do: 'hold the disk'; readonly pipe: string }
  | { readonly do: 'tell' }
  | { readonly do: 'survive SIGINT' }
  | { readonly do: 'exit' }
  | { readonly do: 'throw' };

const tell = (message: object): void => {
  console.log(JSON.stringify(message));
};
const supervisors = (): readonly { pid: number; identity: string }[] =>
  childrenOf(process.pid)
    // What compiles this very file is a child too.
    .filter((pid) => readProc(`/proc/${pid}/environ`)?.includes(`${scratchVariable}=`))
    .map((pid) => ({ pid, identity: identityOf(pid) }));
/** The folders of any evaluations, as this host sees them: it may have mounts of its own. */
const folders = (): readonly string[] =>
  scratchParents().flatMap((parent) => {
    try {
      return readdirSync(parent).filter((name) => name.startsWith(`pitwall-${identityOf(process.pid)}-`));
    } catch {
      return []; // there is none
    }
  });

const executors = new Map<string, Executor>();
function executorWith(options: ProcessExecutorOptions): Executor {
  const key = JSON.stringify(options);
  const executor = executors.get(key) ?? processExecutor(new URL('./phased.mjs', import.meta.url), options);
  executors.set(key, executor);
  return executor;
}

const running = new Map<string, { readonly job: Job; readonly subscription: Subscription }>();

function run({ id, options = {}, input = {}, megabytes = 0, limits = {}, graceMs = 100, logFolder }: RunCommand): void {
  const told: object[] = [];
  const job = createJob<unknown>({
    id,
    input: { ...input, ...(megabytes > 0 && { weights: new Float32Array((megabytes * 2 ** 20) / 4).fill(1) }) },
    limits: { startTimeMs: 60_000, ...limits },
    graceMs,
    logFolder,
    telemetry: {
      next: (telemetry) => {
        if (telemetry.type === 'started') tell({ started: id, pid: telemetry.pid });
        if (telemetry.type === 'throttled') tell({ throttled: id, violation: telemetry.violation });
        if (telemetry.type !== 'sample' && telemetry.type !== 'item') told.push(telemetry);
      },
    },
  });
  const ended = (how: object): void => {
    // Another host may have one of the same id.
    const ours = processesMarked('PITWALL_TEST_HOST', process.env.PITWALL_TEST_HOST ?? '');
    const alive = processesMarked(evaluationMark, id).filter((pid) => ours.includes(pid));
    tell({ ended: id, ...how, told, alive, supervisors: supervisors(), endedAt: Date.now() });
  };
  const subscription = executorWith(options)(job).subscribe({
    next: (result) => {
      ended({
        result: JSON.parse(
          JSON.stringify(result, (_, value: unknown) => (ArrayBuffer.isView(value) ? value.byteLength : value)),
        ) as unknown,
      });
    },
    error: (error: unknown) => {
      const { code, kind, message, violation } = error as EvaluationError;
      ended({ code, kind, message, violation });
    },
  });
  running.set(id, { job, subscription });
}

function obey(command: Command): void {
  switch (command.do) {
    case 'run':
      run(command);
      break;
    case 'abort':
      running.get(command.id)?.job.abort('the test has asked for it');
      break;
    case 'bound':
      boundEvaluations(command);
      break;
    case 'hold the disk':
      open(command.pipe, 'r', () => undefined);
      break;
    case 'tell':
      tell({ supervisors: supervisors(), folders: folders() });
      break;
    case 'survive SIGINT':
      process.on('SIGINT', () => undefined);
      break;
    case 'exit':
      process.exit(3);
      break;
    case 'throw':
      throw new Error('an error that nobody expects');
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  obey(JSON.parse(line) as Command);
});
executorWith({});
tell({ ready: process.pid, identity: identityOf(process.pid), supervisors: supervisors() });
