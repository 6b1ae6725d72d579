import type { EventOf, Violation } from '../../events/index.ts';
import type { ToldRun } from './run-bad.ts';

/** The violations of a run that are its SLA's: a safeguard of the user's may have the same rule, at another limit. */
export function violationsOfSla({ events, bySafeguards }: ToldRun): readonly Violation[] {
  const others = [...bySafeguards];
  return events.flatMap((event) => {
    if (event.type !== 'sla:violation') return [];
    const index = others.findIndex((own) => isSame(own, event.violation));
    if (index < 0) return [event.violation];
    others.splice(index, 1);
    return [];
  });
}

/** Whether a safeguard of the user's ended the evaluation, before its SLA did. */
export function isEndedBySafeguard({ events, bySafeguards }: ToldRun): boolean {
  const end = events.find((event): event is EventOf<'evaluation:end'> => event.type === 'evaluation:end');
  return bySafeguards.some((own) => isSame(own, end?.violation));
}

function isSame(one: Violation, other: Violation | undefined): boolean {
  return one.rule === other?.rule && one.limit === other.limit && one.observedAt === other.observedAt;
}
