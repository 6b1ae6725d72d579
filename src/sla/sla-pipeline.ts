import { catchError, concatWith, defer, EMPTY, merge, mergeMap, of, take, Observable } from 'rxjs';
import { maxItemTime } from './max-item-time.ts';
import { maxMemory } from './max-memory.ts';
import { maxTime } from './max-time.ts';
import type { Safeguard } from './safeguard.ts';
import type { Sla, SlaRule } from './schema.ts';
import { startOf } from './start-of.ts';

export interface SlaPipelineOptions {
  /**
   * Whether the executor holds this rule itself, hard, so that it is left out here. Asked once a rule when the work begins. A
   * rule that only warns is never held elsewhere, and is not asked for.
   */
  readonly heldElsewhere?: (rule: SlaRule) => boolean;
}

/** How a rule is watched from the host. The start is the executor's own: before it there is nothing to watch. */
const safeguards = {
  evaluationTimeMs: maxTime,
  itemTimeMs: maxItemTime,
  memoryMb: maxMemory,
} satisfies Partial<Record<SlaRule, unknown>>;

/**
 * The safeguards of an SLA as one: whichever rule is broken is told.
 *
 *     started$      --s|
 *     evaluation       ----v
 *     memory           -w
 *     slaPipeline   ---w--v
 *
 * Watches from `started$` on. A safeguard that errors ends alone: the others watch on, and its error comes when they are done.
 */
export function slaPipeline(sla: Sla, { heldElsewhere = () => false }: SlaPipelineOptions = {}): Safeguard {
  const rules = Object.keys(safeguards) as (keyof typeof safeguards)[];
  return (guarded) =>
    startOf(guarded).pipe(
      take(1),
      mergeMap(() => {
        const begun = { ...guarded, started$: of(undefined) };
        const here = rules.filter((rule) => sla[rule].action === 'warn' || !heldElsewhere(rule));
        return mergeLastingErrors(
          here.map((rule) => defer(() => safeguards[rule](sla[rule].limit, { action: sla[rule].action })(begun))),
        );
      }),
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
