import { Observable, of, type SchedulerLike } from 'rxjs';
import type { Violation } from '../events/index.ts';
import { slaPipeline, type Sla } from '../sla/index.ts';
import { guardedOf } from './guarded-from-record.ts';
import { inWords } from '../words/index.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';
import { slowStart, whatIsNotSeen, type OldLimits } from './what-is-not-seen.ts';
import type { Judgement, Verdict } from './verdict.ts';

/**
 * Judges a recorded evaluation by an SLA, with the safeguards that would have watched it, in a scheduler's time.
 *
 *     recorded   s--7---|      (MB)
 *     memoryMb 5 ---(j|)       (stopped)
 *     memoryMb 9 -------(j|)   (passes)
 *
 * Cold: the evaluation begins at the subscription; of one that never began the judgement comes at once. Emits one judgement, at the moment of its end under these limits, and completes;
 * never errors.
 *
 * @param old what the evaluation was held to when it was recorded
 */
export function judgeEvaluation(
  evaluation: RecordedEvaluation,
  sla: Sla | false,
  old: OldLimits,
  scheduler: SchedulerLike,
): Observable<Judgement> {
  const before =
    evaluation.start === undefined ? whatIsNotSeen(evaluation, sla, old) : sla && slowStart(evaluation, sla);
  if (before) return of({ ...before, warned: [] });
  return new Observable((subscriber) => {
    const warned: string[] = [];
    const give = (outcome: Verdict, violation?: Violation): void => {
      subscriber.next({ outcome, warned, ...(violation === undefined ? {} : { violation }) });
      subscriber.complete();
    };
    const guarded = guardedOf(evaluation, scheduler);
    const beganMs = scheduler.now();
    // First those who watch, then the end: what is due together is heard by them before.
    if (sla !== false)
      subscriber.add(
        slaPipeline(sla)(guarded).subscribe({
          next: (violation) => {
            if (violation.action === 'warn') warned.push(violation.rule);
            else give(stoppedBy(violation, Math.max(0, scheduler.now() - beganMs)), violation);
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
        }),
      );
    subscriber.add(
      guarded.impact$.subscribe({
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          const { outcome, violation } = whatIsNotSeen(evaluation, sla, old);
          give(outcome, violation);
        },
      }),
    );
  });
}

function stoppedBy({ rule, limit, observed, unit, message = '' }: Violation, afterMs: number): Verdict {
  return { verdict: 'stopped', rule, limit, observed, unit, afterMs: Math.round(afterMs), shownBy: shown() };

  function shown(): string {
    if (unit !== 'ms') return `a sample of ${inWords(observed, unit)}`;
    if (rule === 'itemTimeMs')
      return `${/\bItem "[^"]*"/.exec(message)?.[0].replace('I', 'i') ?? 'an item'} was not done`;
    return 'it had not answered';
  }
}
