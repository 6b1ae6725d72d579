import type { EvaluationSettings } from './evaluation-settings.ts';

const settings = new WeakMap<object, EvaluationSettings>();

/** Lets {@link settingsOf} find what an evaluation was made of. */
export function rememberSettings(evaluation: object, made: EvaluationSettings): void {
  settings.set(evaluation, made);
}

/**
 * What an evaluation was made of, for the tools of Pitwall itself: it is no part of the evaluation's public face. `undefined` for
 * anything else, and for an evaluation that another copy of Pitwall has made.
 */
export function settingsOf(evaluation: unknown): EvaluationSettings | undefined {
  return typeof evaluation === 'object' && evaluation !== null ? settings.get(evaluation) : undefined;
}
