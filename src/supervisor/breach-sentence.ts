import type { Letters } from '../wire/index.ts';
import type { Broken } from './limits.ts';

/** Says a broken limit to a person: what, how much, when, and in or after which item. */
export function breachSentence(
  { rule, limit, observed }: Broken,
  { letters, sinceStartMs, starved }: { letters: Letters; sinceStartMs: number | undefined; starved: boolean },
): string {
  const where = letters.running === null ? afterItems(letters.done) : `in "${letters.running.name}"`;
  const little = starved ? '; its processes got under 20% of a core meanwhile' : '';
  switch (rule) {
    case 'memoryMb': {
      const when =
        sinceStartMs === undefined ? 'while it loaded' : `${seconds(sinceStartMs)} after its start, ${where}`;
      return `The evaluation's processes held ${observed.toFixed(0)} MB, the limit is ${limit} MB (memoryMb): ended ${when}.`;
    }
    case 'itemTimeMs':
      return `The item "${letters.running?.name ?? ''}" ran ${seconds(observed)}, the limit is ${seconds(limit)} (itemTimeMs), after ${letters.done} items${little}.`;
    case 'startTimeMs':
      return `The evaluator was not loaded after ${seconds(observed)}, the limit is ${seconds(limit)} (startTimeMs)${little}.`;
    case 'evaluationTimeMs':
      return `The evaluation ran ${seconds(observed)}, the limit is ${seconds(limit)} (evaluationTimeMs), ${where}${little}.`;
  }
}

function afterItems(done: number): string {
  return done === 0 ? 'before any item' : `after ${done} items`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
