import { fileURLToPath } from 'node:url';
import {
  commandExecutor,
  createJob,
  EvaluationError,
  processExecutor,
  threadExecutor,
  type Executor,
  type HardLimits,
  type Telemetry,
} from 'pitwall';
import { firstValueFrom } from 'rxjs';
import { pause } from '../leftovers.ts';
import { machineMs, wallOffsetMs } from '../machine.ts';
import { reasonText } from '../reason-text.ts';
import type { Candidate, Told } from './candidate.ts';
import { evaluator, type HostileInput } from './hostile-input.ts';

/** What came of one evaluation, and when that was told. */
export interface Ended {
  readonly result?: unknown;
  readonly error?: EvaluationError;
  readonly toldMs: number;
}

/** Runs one evaluation to its end. */
export async function evaluate<I>(
  executor: Executor<I>,
  input: I,
  limits: HardLimits = {},
  next: (telemetry: Telemetry) => void = () => undefined,
): Promise<Ended> {
  try {
    const result = await firstValueFrom(executor(createJob({ input, limits, telemetry: { next } })));
    return { result, toldMs: machineMs() };
  } catch (error) {
    if (error instanceof EvaluationError) return { error, toldMs: machineMs() };
    throw error;
  }
}

/** As {@link evaluate}, of one that must break a limit. @throws where it has not. */
export async function violated<I>(
  executor: Executor<I>,
  input: I,
  limits: HardLimits,
  next?: (telemetry: Telemetry) => void,
): Promise<{ readonly violation: NonNullable<EvaluationError['violation']>; readonly toldMs: number }> {
  const { error, toldMs } = await evaluate(executor, input, limits, next);
  if (error?.violation === undefined)
    throw new Error(`A limit should have been broken, but ${error === undefined ? 'it answered' : reasonText(error)}`);
  return { violation: error.violation, toldMs };
}

/** The supervisor and its threads have come up, as they have in a training that has loaded its weights. */
export const settled = (): Promise<void> => pause(500);

function candidate(name: string, make: () => Executor, isOwnProcess: boolean): Candidate {
  let executor: Executor | undefined;
  return {
    name,
    prepare: async () => {
      executor = make();
      await settled();
    },
    run: async (input, { timeMs, memoryMb }): Promise<Told> => {
      executor ??= make();
      const startedMs: number[] = [];
      const given: HostileInput = { ...input, isOwnProcess };
      const limits = { evaluationTimeMs: timeMs, ...(isOwnProcess && { memoryMb }) };
      const { error, toldMs } = await evaluate(executor, given, limits, ({ type }) => {
        if (type === 'started') startedMs.push(machineMs());
      });
      const deadlineAt = error?.violation?.deadlineAt;
      const deadlineMs = deadlineAt === undefined ? (startedMs[0] ?? toldMs) + timeMs : deadlineAt - wallOffsetMs();
      return { verdict: error === undefined ? 'answered' : verdictOf(error), deadlineMs, toldMs };
    },
  };
}

function verdictOf(error: EvaluationError): string {
  return error.violation === undefined ? reasonText(error) : error.violation.rule;
}

/** Every way in which Pitwall runs what is hostile. */
export const ours: readonly Candidate[] = [
  candidate('pitwall, process', () => processExecutor(evaluator('hostile')), true),
  candidate('pitwall, warm process', () => processExecutor(evaluator('hostile'), { warm: true }), true),
  candidate(
    'pitwall, command',
    () => commandExecutor([process.execPath, fileURLToPath(evaluator('hostile-program')), '{input}', '{input.token}']),
    true,
  ),
  candidate('pitwall, thread', () => threadExecutor(evaluator('hostile')), false),
];
