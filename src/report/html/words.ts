import { clipped, figure, inWords, utc } from '../../words/index.ts';
import type { EvaluationState, Figure } from '../run-report.ts';
import { skipWords, stateWords } from '../state-words.ts';
import { markup, type Markup } from './markup.ts';

/** Nobody reads a longer name, and it would push all else aside. */
const longestName = 200;
/** Up to here a name is a word. */
const longestWord = 24;

/** A name that somebody else chose. */
export function nameOf(name: string): Markup {
  return foreign(name, longestName);
}

/** A text that somebody else wrote: shown as it is, in its own direction of writing, and not for ever. */
export function foreign(text: string, longest: number): Markup {
  return markup`<bdi${text.length <= longestWord ? markup` class="short"` : undefined}>${clipped(text, longest)}</bdi>`;
}

/** A duration, `–` where it is not known. */
export function duration(ms: number | null): string {
  return ms === null ? '–' : inWords(Math.max(0, ms), 'ms');
}

/** A number with a unit, `–` where it is not known. */
export function measured(value: number | null, unit: string): string {
  return value === null ? '–' : `${figure(value)} ${unit}`.trimEnd();
}

/** `winRate 0.85, elo 120 [98 to 142]`: at most so many. */
export function figuresText(figures: readonly Figure[], most: number): string {
  const told = figures.slice(0, most).map(({ name, value, low, high }) => {
    const interval = low === undefined ? '' : ` [${valueText(low)} to ${valueText(high ?? null)}]`;
    return `${clipped(name, 60)} ${valueText(value)}${interval}`;
  });
  return [...told, ...(figures.length > most ? ['…'] : [])].join(', ');
}

/** A value of a curve or a result; `–` where there was none. */
export function valueText(value: number | null): string {
  return value === null ? '–' : figure(value);
}

/** `2026-01-31 18:45:02 UTC` */
export function moment(at: number): Markup {
  const text = utc(at);
  return markup`<time datetime="${text.replace(' ', 'T')}Z">${text} UTC</time>`;
}

/** An evaluation's state in words, with the reason of a skip. */
export function stateText(state: EvaluationState): Markup {
  const { sign, word } = stateWords[state];
  return markup`<span class="state ${state}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** Why an evaluation did not complete. */
export function whyText(state: EvaluationState, why: string | null): string {
  if (why === null) return '';
  return state === 'skipped' ? (skipWords[why] ?? why) : why;
}
