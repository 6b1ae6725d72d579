import { concat, defer, ignoreElements, map, Observable, tap } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { stop, type Callback, type Directive, type Run } from './callback.ts';
import { EpochTail } from './epoch-tail.ts';
import { nameOption } from './name-option.ts';

/** Options of {@link stopAfter}. */
export interface StopAfterOptions {
  /** How long the run may take, in milliseconds of wall time. */
  readonly afterMs: number;
  /** Its name in the run: `stopAfter` by default. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  afterMs: z.number().positive().describe('a number of milliseconds above 0'),
  name: nameOption.default('stopAfter'),
});

/**
 * Ends the training when its time is over, early enough for an epoch that is at its end to save what it has.
 *
 *     events$                   -s-s--e-s-s-    (s: step; e: epoch:end, 3 ms after its last step)
 *     stopAfter (afterMs: 12)   ---------(s|)   (at 9 ms: 3 ms are left)
 *
 * It learns how long the end of an epoch takes, from its last step to its `epoch:end`, checkpoint included, and ends the training by
 * the longest of these before the time; before the first is known, at the time itself. A step that runs is not cut off, and takes
 * its time: where one takes minutes, give `afterMs` so much less. The evaluations that run are drained after that, as the trainer's
 * `drain` says.
 *
 * The time is that of the run's clock. It begins with the run; of a resumed run the time before counts, and the time in which no
 * process worked at it does not. Registered late, it begins there.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(stopAfter({ afterMs: 8 * 3_600_000 }));
 */
export function stopAfter(options: StopAfterOptions): Callback {
  const { afterMs, name } = parseOptions(optionsSchema, options, 'The options of stopAfter');
  return { name, config: { afterMs }, connect: (run) => stoppingAfter(run, afterMs) };
}

function stoppingAfter(run: Run<never>, afterMs: number): Observable<Directive> {
  return defer(() => {
    const tail = new EpochTail();
    const past = new PastTime();
    const remembered$ = run.history$.pipe(
      tap((event) => {
        tail.see(event, event.at);
        past.see(event);
      }),
      ignoreElements(),
    );
    const present$ = defer(() => isUp(run, tail, run.clock.now() + afterMs - past.spentMs));
    return concat(remembered$, present$).pipe(map(() => stop(reasonToStop(afterMs, tail.longestMs))));
  });
}

/** Emits once and completes when the tail would no longer fit in, by a timer or at an event; or completes with the training. */
function isUp({ clock, events$ }: Run<never>, tail: EpochTail, untilMs: number): Observable<void> {
  return new Observable((subscriber) => {
    let plannedMs: number | undefined;
    let cancelTimer: (() => void) | undefined;
    const end = (): void => {
      subscriber.next();
      subscriber.complete();
    };
    const plan = (nowMs: number): void => {
      const endMs = untilMs - tail.longestMs;
      if (endMs === plannedMs) return;
      plannedMs = endMs;
      cancelTimer?.();
      cancelTimer = clock.setTimeout(end, endMs - nowMs);
    };
    const see = (event: RunEvent): void => {
      const nowMs = clock.now();
      tail.see(event, nowMs);
      if (event.type === 'training:end') subscriber.complete();
      else if (nowMs < untilMs - tail.longestMs) plan(nowMs);
      else end(); // steps that block the loop keep the timer from its time
    };
    subscriber.add(() => cancelTimer?.());
    plan(clock.now());
    subscriber.add(
      events$.subscribe({
        next: see,
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      }),
    );
  });
}

/** Adds up how long a run has been at work, by what its journal tells. */
class PastTime {
  #spentMs = 0;
  #lastAt: number | undefined;

  get spentMs(): number {
    return this.#spentMs;
  }

  see({ type, at }: RunEvent): void {
    // Before its start, or its resumption, no process worked at it.
    const fromAt = type.startsWith('run:') ? at : (this.#lastAt ?? at);
    this.#spentMs += Math.max(0, at - fromAt);
    this.#lastAt = at;
  }
}

function reasonToStop(afterMs: number, tailMs: number): string {
  const tail = tailMs === 0 ? '' : `, but for the ${Math.ceil(tailMs)} ms that the end of an epoch has taken`;
  return `its time of ${afterMs} ms is over${tail}`;
}
