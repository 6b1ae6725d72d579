import { availableParallelism, freemem } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastValueFrom } from 'rxjs';
import type { Usage, Violation } from '../../events/index.ts';
import {
  boundEvaluations,
  createJob,
  processExecutor,
  type HardLimits,
  type Telemetry,
} from '../../executors/index.ts';
import { isAlive } from '../../probes/index.ts';
import { EvaluationError, type Sla, type SlaRule } from '../../sla/index.ts';
import { defaultTotalMemoryMb } from '../../supervisor/capacity.ts';
import { above } from '../../words/index.ts';
import type { Finding } from './finding.ts';
import { besideCount, speedOf } from './speed.ts';
import type { Trial } from './trial.ts';

const module = new URL(`./trial${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
const roomy: HardLimits = { startTimeMs: 30_000, evaluationTimeMs: 20_000 };

/** How one trial ended. */
interface Tried {
  readonly result?: unknown;
  readonly error?: EvaluationError;
  readonly usage: Partial<Usage>;
  readonly told: readonly Telemetry['type'][];
}

/** Runs an evaluator that misbehaves, in a real process under these limits. */
async function tried(
  trial: Trial,
  limits: HardLimits,
  { signal, onStart }: { readonly signal?: AbortSignal; readonly onStart?: () => void } = {},
): Promise<Tried> {
  const told: Telemetry['type'][] = [];
  let usage: Partial<Usage> = {};
  const job = createJob({
    input: trial,
    name: 'doctor',
    limits: { ...roomy, ...limits },
    telemetry: {
      next: (telling: Telemetry) => {
        told.push(telling.type);
        if (telling.type === 'usage') usage = telling.usage;
        if (telling.type === 'started') onStart?.();
      },
    },
  });
  signal?.addEventListener('abort', () => job.abort('seen'));
  try {
    return {
      result: await lastValueFrom(processExecutor<Trial>(module)(job), { defaultValue: undefined }),
      usage,
      told,
    };
  } catch (error) {
    if (error instanceof EvaluationError) return { error, usage, told };
    throw error;
  }
}

/** Something that is tried, and the rules that are not held where it fails. */
interface Attempt {
  readonly what: string;
  readonly rules: readonly SlaRule[];
  readonly attempt: () => Promise<Omit<Finding, 'what' | 'rules'>>;
}

const memoryLimitMb = 150;
const deadlineMs = 300;
const burnMs = 2_500;
/** What spins needs two thirds of it, its program in a session of its own included. */
const spinningMemoryMb = 200;
/** Below this the training pays for the evaluations beside it. */
const worthwhileSpeed = 0.9;
/** Until what an evaluation at work starts is at work, too. */
const settleMs = 500;

const attemptsFor = ({ cpuPercent }: Pick<Sla, 'cpuPercent'>): readonly Attempt[] => [
  {
    what: 'an evaluator that takes more memory than it may',
    rules: ['memoryMb'],
    attempt: async () => {
      const { error } = await tried({ does: 'grow', toMb: 3 * memoryLimitMb }, { memoryMb: memoryLimitMb });
      const violation = violationOf(error, 'memoryMb');
      if (violation === undefined) return missing(`it was not ended at ${memoryLimitMb} MB`, error);
      return works(
        `ended at ${above(memoryLimitMb, violation.observed)} MB, the limit was ${memoryLimitMb} MB (${violation.layer ?? 'poll'})`,
      );
    },
  },
  {
    what: 'an evaluator in an endless loop',
    rules: ['evaluationTimeMs'],
    attempt: async () => {
      const { error } = await tried({ does: 'spin' }, { evaluationTimeMs: deadlineMs });
      return endedInTime(violationOf(error, 'evaluationTimeMs'), error);
    },
  },
  {
    what: 'one item in an endless loop',
    rules: ['itemTimeMs'],
    attempt: async () => {
      const { error } = await tried({ does: 'spin in an item' }, { itemTimeMs: deadlineMs });
      return endedInTime(violationOf(error, 'itemTimeMs'), error);
    },
  },
  {
    what: 'a process that the evaluator leaves behind',
    rules: [],
    attempt: async () => {
      const { result, error } = await tried({ does: 'leave a grandchild' }, {});
      if (typeof result !== 'number') return missing('the evaluator could not leave one', error);
      if (!isAlive(result)) return works('gone before its result was told');
      process.kill(result, 'SIGKILL');
      return missing('it lived on; it has been ended now');
    },
  },
  {
    what: 'an evaluator that takes more of the processor than it may',
    rules: needsPauses(cpuPercent) ? ['cpuPercent', 'trainingImpactPercent'] : ['trainingImpactPercent'],
    attempt: async () => {
      const { told, usage, error } = await burnt('throttle');
      const pausedMs = usage.pausedMs ?? 0;
      if (!told.includes('throttled') || pausedMs === 0) return missing('it was not paused', otherwise(error));
      return works(`paused for ${(pausedMs / 1000).toFixed(1)} of ${((usage.wallMs ?? 0) / 1000).toFixed(1)} s`);
    },
  },
  ...(cpuPercent === undefined || cpuPercent.action === 'throttle' ? [] : [withoutPauses(cpuPercent.action)]),
  {
    what: 'the training’s speed beside evaluations on every core',
    rules: [],
    attempt: () => speedBeside({ does: 'spin' }, 'the lowest priority (nice 19) does little here'),
  },
  {
    what: 'the training’s speed beside programs of theirs, in sessions of their own',
    rules: [],
    attempt: () => speedBeside({ does: 'spin in a session of its own' }, 'the priority of a session does little here'),
  },
  {
    what: 'the start of an evaluator',
    rules: ['startTimeMs'],
    attempt: async () => {
      const { error, usage } = await tried({ does: 'answer' }, {});
      return error === undefined
        ? works(`${(usage.startMs ?? 0).toFixed(0)} ms from the spawn to its code`)
        : missing('it did not start', error);
    },
  },
];

function needsPauses(cpuPercent: Sla['cpuPercent']): boolean {
  return cpuPercent === undefined || cpuPercent.action === 'throttle';
}

/** An SLA that ends or warns of what takes too much of the processor needs no pauses. */
function withoutPauses(action: 'warn' | 'abort'): Attempt {
  return {
    what: `the same, where it is to be ${action === 'abort' ? 'ended' : 'told'}`,
    rules: ['cpuPercent'],
    attempt: async () => {
      const { told, error } = await burnt(action);
      if (action === 'warn')
        return told.includes('throttled') ? works('it was told') : missing('it was not told', otherwise(error));
      const violation = violationOf(error, 'cpuPercent');
      if (violation === undefined) return missing('it was not ended', otherwise(error));
      return works(`ended at ${violation.observed.toFixed(0)} % of a core, the limit was 1 %`);
    },
  };
}

/** What takes all of the processor that it gets, and may take 1 % of a core. */
function burnt(action: 'warn' | 'throttle' | 'abort'): Promise<Tried> {
  const cpuPercent = { limit: 1, action, sustainMs: 0, whenUnmeasured: 'report' } as const;
  return tried({ does: 'spin' }, { cpuPercent, evaluationTimeMs: burnMs });
}

/** What ended it in the place of its time, which ends it in any case. */
function otherwise(error: EvaluationError | undefined): EvaluationError | undefined {
  return violationOf(error, 'evaluationTimeMs') === undefined ? error : undefined;
}

/**
 * Tries one thing after the other, so that none disturbs another's figures.
 *
 * @param sla a rule is tried with what it does when it is broken
 */
export async function tryEverything(sla: Sla, onFound: (finding: Finding) => void): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { what, rules, attempt } of attemptsFor(sla)) {
    const finding = { what, rules, ...(await attempt()) };
    findings.push(finding);
    onFound(finding);
  }
  return findings;
}

/** The training's speed beside one such evaluation on each core, or as many as there is memory for. */
async function speedBeside(trial: Trial, otherwise: string): Promise<Omit<Finding, 'what' | 'rules'>> {
  const cores = availableParallelism();
  const count = besideCount(cores, defaultTotalMemoryMb(freemem(), process.constrainedMemory()), spinningMemoryMb);
  // One more would wait for another's end.
  boundEvaluations({ totalMemoryMb: count * spinningMemoryMb });
  const end = new AbortController();
  const alone = await speedOf();
  const ended: Promise<Tried>[] = [];
  let running = count;
  let error: EvaluationError | undefined;
  const started = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve) => {
        const options = { signal: end.signal, onStart: resolve };
        const run = tried(trial, { memoryMb: spinningMemoryMb }, options).then((how) => {
          running--;
          error ??= how.error;
          resolve();
          return how;
        });
        ended.push(run);
      }),
  );
  await Promise.all(started);
  const beside = await speedOf({ settleMs });
  if (running === 0) return missing('no evaluation ran beside it', error);
  const seen = sentence(Math.min(1, beside / alone), running, cores);
  end.abort();
  await Promise.all(ended);
  return beside / alone >= worthwhileSpeed ? works(seen) : { status: 'limited', seen: `${seen}: ${otherwise}` };
}

function sentence(share: number, running: number, cores: number): string {
  const fewer = running < cores ? ` (there is no room for one on each of ${cores} cores)` : '';
  return `${(share * 100).toFixed(0)}% of its speed alone, beside ${running} ${running === 1 ? 'evaluation' : 'evaluations'}${fewer}`;
}

function works(seen: string): Omit<Finding, 'what' | 'rules'> {
  return { status: 'works', seen };
}

function missing(seen: string, error?: EvaluationError): Omit<Finding, 'what' | 'rules'> {
  return { status: 'missing', seen: error === undefined ? seen : `${seen} (${error.message})` };
}

function violationOf(error: EvaluationError | undefined, rule: SlaRule): Violation | undefined {
  return error?.violation?.rule === rule ? error.violation : undefined;
}

function endedInTime(
  violation: Violation | undefined,
  error: EvaluationError | undefined,
): Omit<Finding, 'what' | 'rules'> {
  const { deadlineAt, killedAt, goneAt } = violation ?? {};
  if (deadlineAt === undefined || killedAt === undefined || goneAt === undefined)
    return missing(`it was not ended at its limit of ${deadlineMs} ms`, error);
  return works(
    `the kill was sent ${inMs(killedAt - deadlineAt)} after its limit of ${deadlineMs} ms, and it was gone after ${inMs(goneAt - deadlineAt)}`,
  );
}

function inMs(milliseconds: number): string {
  return `${Math.max(0, milliseconds).toFixed(1)} ms`;
}
