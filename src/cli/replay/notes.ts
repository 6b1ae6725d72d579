import { counted, inWords } from '../../words/index.ts';
import type { Replayed } from './replayed.ts';

/** What a reader must know of the verdicts: how fine the record is, and what it does not hold. */
export function notesOf({ torn, judged, sampling, events, recorded, sla }: Replayed): string[] {
  const { began, withoutMemory, withItems } = sampling;
  const isLeft = judged !== undefined;
  const has = (verdict: string): boolean =>
    judged?.evaluations.some(({ judgement }) => judgement.outcome.verdict === verdict) ?? false;
  const warned = judged?.evaluations.filter(({ judgement }) => judgement.warned.length > 0).length ?? 0;
  const dropped = events.flatMap((event) =>
    event.type === 'dropped' && event.what === 'journal' ? [event.count] : [],
  );
  return [
    ...(recorded.length === 0 ? ['The record has no evaluation.'] : []),
    ...(torn === undefined ? [] : [torn]),
    ...(dropped.length === 0
      ? []
      : [`The journal says that ${dropped.reduce((sum, count) => sum + count, 0)} events were never written.`]),
    ...(isLeft ? [finenessOf(sampling)] : []),
    ...(isLeft && withoutMemory > 0
      ? [
          `Memory was never measured in ${withoutMemory} of ${counted(began, 'evaluation')}: no limit of memory stops them.`,
        ]
      : []),
    ...(isLeft && withItems > 0
      ? [
          `Item times are not recorded, but for items that broke a limit: of ${counted(withItems, 'evaluation')} with items only bounds are known.`,
        ]
      : []),
    ...(isLeft && withItems < began
      ? [`${counted(began - withItems, 'evaluation')} finished no item that the record knows of.`]
      : []),
    ...(isLeft && sla?.written.has('trainingImpactPercent') === true
      ? ['What evaluations cost the training was measured as they ran: trainingImpactPercent is not judged again.']
      : []),
    ...(warned > 0 ? [`${counted(warned, 'evaluation')} would break a rule that only warns.`] : []),
    ...(has('unknown') ? ['The breaker hears nothing of an evaluation whose verdict is unknown.'] : []),
    ...(has('stopped') || judged?.evaluations.some(({ refused }) => refused) === true
      ? [
          'What is stopped earlier or refused changes what follows: others might have begun earlier, or not been skipped as busy. The record cannot tell.',
        ]
      : []),
  ];
}

function finenessOf({ samples, medianGapMs, largestGapMs }: Replayed['sampling']): string {
  if (medianGapMs === null || largestGapMs === null)
    return `The record has ${counted(samples, 'sample')}: between them, only each evaluation's peak is known.`;
  return `A verdict is as fine as the ${counted(samples, 'sample')}: one every ${inWords(medianGapMs, 'ms')} (median), at most ${inWords(largestGapMs, 'ms')} apart.`;
}
