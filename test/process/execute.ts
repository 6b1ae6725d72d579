import { firstValueFrom } from 'rxjs';
import { createJob, type Executor, type JobOptions, type Telemetry } from '../../src/executors/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';

export interface Executed {
  readonly result?: unknown;
  readonly error?: EvaluationError;
  readonly telemetry: readonly Telemetry[];
  /** The processes of this evaluation that are alive right after its end. */
  readonly alive: readonly number[];
}

/** Runs one job to its end and tells what came of it. */
export async function execute(executor: Executor, options: Partial<JobOptions<unknown>> = {}): Promise<Executed> {
  const telemetry: Telemetry[] = [];
  const job = createJob({ input: {}, ...options, telemetry: { next: (told) => telemetry.push(told) } });
  const alive = (): number[] => processesMarked(evaluationMark, job.id);
  try {
    const result = await firstValueFrom(executor(job));
    return { result, telemetry, alive: alive() };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { error, telemetry, alive: alive() };
  }
}

/** The telemetry of one type. */
export function told<Type extends Telemetry['type']>(
  telemetry: readonly Telemetry[],
  type: Type,
): Extract<Telemetry, { type: Type }>[] {
  return telemetry.filter((each): each is Extract<Telemetry, { type: Type }> => each.type === type);
}
