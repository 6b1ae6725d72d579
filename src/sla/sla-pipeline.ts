import { catchError, concatWith, defer, EMPTY, merge, mergeMap, of, take, Observable } from 'rxjs';
import { maxCpu } from './max-cpu.ts';
import { maxGpuMemory } from './max-gpu-memory.ts';
import { maxGpuUtilization } from './max-gpu-utilization.ts';
import { maxItemTime } from './max-item-time.ts';
import { maxMemory } from './max-memory.ts';
import { maxTime } from './max-time.ts';
import { named } from './named.ts';
import type { Safeguard } from './safeguard.ts';
import { resolveSla, slaRules, type Sla, type SlaInput, type SlaRule } from './schema.ts';
import { startOf } from './start-of.ts';

export interface SlaPipelineOptions {
  /**
   * Whether the executor holds this rule itself, hard, so that it is left out here. Asked once a rule when the work begins. A
   * rule that only warns is held elsewhere only where it is about what is sampled, and is not asked for otherwise.
   */
  readonly heldElsewhere?: (rule: SlaRule) => boolean;
}

const sampled = { cpuPercent: maxCpu, gpuUtilizationPercent: maxGpuUtilization, gpuMemoryMb: maxGpuMemory };

/**
 * How a rule is watched from the host. The start is the executor's own: before it there is nothing to watch. What the training is
 * slowed down is measured by the run.
 */
function safeguardOf(rule: SlaRule, sla: Sla): Safeguard | undefined {
  switch (rule) {
    case 'startTimeMs':
    case 'trainingImpactPercent':
      return undefined;
    case 'evaluationTimeMs':
      return maxTime(sla[rule].limit, { action: sla[rule].action });
    case 'itemTimeMs':
      return maxItemTime(sla[rule].limit, { action: sla[rule].action });
    case 'memoryMb':
      return maxMemory(sla[rule].limit, { action: sla[rule].action });
    case 'cpuPercent':
    case 'gpuUtilizationPercent':
    case 'gpuMemoryMb': {
      const limits = sla[rule];
      if (limits === undefined) return undefined;
      const { limit, action, sustainMs } = limits;
      // From here nothing can be given less: it is told, as a warning is.
      return sampled[rule](limit, { action: action === 'abort' ? 'abort' : 'warn', sustainMs });
    }
  }
}

/**
 * The safeguards of an SLA as one: whichever rule is broken is told.
 *
 *     started$      --s|
 *     evaluation       ----v
 *     memory           -w
 *     slaPipeline   ---w--v
 *
 * Watches from `started$` on. A safeguard that errors ends alone: the others watch on, and its error comes when they are done.
 *
 * @param rules as `evaluation({ sla })` takes them: what is not written has its default
 * @throws {ConfigurationError} one sentence about the first mistake in the rules.
 *
 * @example
 * evaluate$.pipe(guard([slaPipeline({ evaluationTimeMs: 60_000 })]));
 */
export function slaPipeline(rules: SlaInput, options: SlaPipelineOptions = {}): Safeguard {
  return slaPipelines(resolveSla(rules, 'The SLA of slaPipeline').sla)(options);
}

/** Makes {@link slaPipeline}s of one SLA, which is whole: its safeguards are made once for all of them. */
export function slaPipelines(sla: Sla): (options: SlaPipelineOptions) => Safeguard {
  const watched = slaRules.flatMap((rule) => {
    const safeguard = safeguardOf(rule, sla);
    return safeguard === undefined
      ? []
      : [{ rule, safeguard, isTold: sla[rule]?.action === 'warn' && !(rule in sampled) }];
  });
  return ({ heldElsewhere = () => false }) =>
    named('slaPipeline', (guarded) =>
      startOf(guarded).pipe(
        take(1),
        mergeMap(() => {
          const begun = { ...guarded, started$: of(undefined) };
          const here = watched.filter(({ rule, isTold }) => isTold || !heldElsewhere(rule));
          return mergeLastingErrors(here.map(({ safeguard }) => defer(() => safeguard(begun))));
        }),
      ),
    );
}

/** Merges; an error waits until all the others are done. */
function mergeLastingErrors<T>(parts: readonly Observable<T>[]): Observable<T> {
  return defer(() => {
    const errors: unknown[] = [];
    const contained = parts.map((part$) =>
      part$.pipe(
        catchError((error: unknown) => {
          errors.push(error);
          return EMPTY;
        }),
      ),
    );
    return merge(...contained).pipe(concatWith(defer(() => (errors.length > 0 ? failing(errors[0]) : EMPTY))));
  });
}

function failing(error: unknown): Observable<never> {
  return new Observable((subscriber) => {
    subscriber.error(error);
  });
}
