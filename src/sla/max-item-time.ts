import { distinctUntilChanged, filter, map, of, scan, startWith, switchMap, type Observable } from 'rxjs';
import { clockOf } from '../clock/index.ts';
import { deadline } from './deadline.ts';
import { limitOptions, positiveLimit, type LimitOptions } from './limit.ts';
import { named } from './named.ts';
import type { GuardedEvaluation, ItemState, Safeguard } from './safeguard.ts';
import { violationOf } from './violation-of.ts';

/**
 * Ends an evaluation one of whose items (its games) takes longer than `limitMs`: the rule `itemTimeMs`.
 *
 *     items$           --a--b-----n--|     (which item runs; n: none)
 *     maxItemTime(4)   ---------v----|     (b ran for 4)
 *
 * Each item has the whole limit; of items that overlap the oldest decides. An item that ends at exactly the deadline is in time.
 * A breach is told once, however often the same item is told. Its time goes on from the `forMs` that was told last. Who pauses it
 * tells that again ten times a second meanwhile, as a process executor does: its deadline comes a tenth of a second early at worst.
 * Completes with `items$`, once the item that still runs then is judged.
 *
 * @param limitMs a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function maxItemTime(limitMs: number, options: LimitOptions = {}): Safeguard {
  positiveLimit(limitMs, 'maxItemTime', 'milliseconds');
  const { action } = limitOptions(options, 'maxItemTime');
  return named('maxItemTime', (guarded) =>
    guarded.items$.pipe(
      scan<ItemState, Told, undefined>(followed, undefined),
      switchMap((told) => verdicts(told, limitMs, guarded)),
      distinctUntilChanged((before, now) => before !== null && now !== null && before.name === now.name),
      filter((overdue) => overdue !== null),
      map(({ name, observed }) => {
        const lateMs = observed - limitMs;
        return violationOf(guarded, {
          rule: 'itemTimeMs',
          limit: limitMs,
          observed,
          unit: 'ms',
          action,
          deadlineAt: clockOf(guarded.scheduler).wallNow() - lateMs,
          lateByHostMs: lateMs,
          message: `Item "${name}" of "${guarded.name}" was not done after ${limitMs} ms (itemTimeMs)`,
        });
      }),
    ),
  );
}

/** What is told of the items, and whether it is of the same item as what was told before. */
interface Told extends Pick<ItemState, 'done' | 'running'> {
  readonly goesOn: boolean;
}

/** An item's time never falls, and none has ended meanwhile: another of the same name is known by that. */
function followed(before: Told | undefined, { done, running }: ItemState): Told {
  const last = before?.running;
  const goesOn =
    typeof last === 'object' &&
    last !== null &&
    before?.done === done &&
    last.name === running?.name &&
    last.forMs > 0 &&
    running.forMs >= last.forMs;
  return { done, running, goesOn };
}

interface Overdue {
  readonly name: string;
  readonly observed: number;
}

/** `null` while nothing is overdue, so that the same item's second breach is one with its first only if it never stopped. */
function verdicts(
  { running, goesOn }: Told,
  limitMs: number,
  { scheduler }: GuardedEvaluation,
): Observable<Overdue | null> {
  // What an executor tells may be anything: without an item nothing is timed, and one whose age is no number begins now.
  if (typeof running !== 'object' || running === null) return of(null);
  const { name } = running;
  const forMs = Number.isFinite(running.forMs) ? running.forMs : 0;
  // Told as still running past its limit: there is no answer to wait for, and waiting could be put off for ever.
  if (forMs > limitMs) return of({ name, observed: forMs });
  const clock = clockOf(scheduler);
  const toldMs = clock.now();
  const overdue$ = deadline(limitMs - forMs, scheduler).pipe(
    map(() => ({ name, observed: Math.max(limitMs, forMs + clock.now() - toldMs) })),
  );
  return forMs < limitMs && !goesOn ? overdue$.pipe(startWith(null)) : overdue$;
}
