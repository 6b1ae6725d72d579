import { Observable } from 'rxjs';
import type { Executor, HardRule, Job } from './executor.ts';
import { wholeJob } from './job.ts';
import type { PackedFiles } from './packed-input.ts';
import { PackedInputs } from './packed-inputs.ts';
import { Slots } from './slots.ts';
import { SupervisedExecution, type SupervisedWork } from './supervised-execution.ts';
import { supervisorLink } from './supervisor-link.ts';

/** The rules that are held for what runs in a process of its own. */
export const supervisedRules: readonly HardRule[] = [
  'evaluationTimeMs',
  'startTimeMs',
  'itemTimeMs',
  'memoryMb',
  'cpuPercent',
  'gpuUtilizationPercent',
  'gpuMemoryMb',
  'trainingImpactPercent',
];

/**
 * Makes an executor of what runs in the supervisor's hands: so many at once, the input packed at the request or at the
 * subscription, and the supervisor started now, so that nothing has to be spawned from here once the weights are loaded.
 */
export function supervisedExecutor<I, O, Packed extends PackedFiles>(
  work: SupervisedWork<Packed>,
  concurrency: number,
): Executor<I, O> {
  const slots = new Slots(concurrency);
  const inputs = new PackedInputs(work.pack);
  supervisorLink().prepare();

  const execute = (given: Job<I>): Observable<O> => {
    const job = wholeJob(given);
    return new Observable<O>((subscriber) => {
      job.telemetry.next({ type: 'accepted', enforces: supervisedRules });
      const execution = new SupervisedExecution({ work, job, slots, input: () => inputs.of(job) });
      return execution.run({
        result: (value) => {
          subscriber.next(value as O);
          subscriber.complete();
        },
        error: (error) => {
          subscriber.error(error);
        },
      });
    });
  };
  return Object.assign(execute, {
    enforces: supervisedRules,
    slots: concurrency,
    pack: (job: Job<never>) => {
      inputs.keep(job);
    },
    forget: (job: Job<never>) => {
      inputs.forget(job);
    },
    idle: () => slots.idle(),
  });
}
