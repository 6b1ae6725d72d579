import { ConfigurationError, nearMatch } from '../../errors/index.ts';
import { judgeRun, recordedEvaluations, recordedLimits, samplingOf, suggestLimits } from '../../replay/index.ts';
import { readBreaker, readSla } from '../read-options.ts';
import { readRun } from './read-run.ts';
import { jsonOf } from './replay-json.ts';
import { reportOf } from './report.ts';
import type { Replayed } from './replayed.ts';

/** What `pitwall replay` is asked for. */
export interface ReplayOptions {
  readonly sla?: string;
  readonly breaker?: string;
  readonly evaluation?: string;
  readonly suggest: boolean;
  readonly json: boolean;
  readonly journal: string;
}

/**
 * Judges a run and prints what comes of it.
 *
 * @returns the exit code: 0 when nothing would be stopped, 1 when something would be
 * @throws {PitwallError} one sentence about a mistake of the user's.
 */
export async function runReplay(run: string, options: ReplayOptions): Promise<number> {
  const { sla, breaker, evaluation, suggest, json, journal } = options;
  if (sla === undefined && breaker === undefined && !suggest)
    throw new ConfigurationError(
      'Nothing to judge by was given: give --sla FILE, --breaker FILE or --suggest (pitwall replay --help tells them)',
    );
  const slaFile = sla === undefined ? undefined : await readSla(sla);
  const breakerOptions = breaker === undefined ? undefined : await readBreaker(breaker);
  const { folder, events, torn } = await readRun(run, journal);
  const all = [...recordedEvaluations(events).values()];
  requireName(evaluation, [...new Set(all.map(({ requested }) => requested.name))]);
  const recorded = all.filter(({ requested }) => evaluation === undefined || requested.name === evaluation);
  const isJudged = slaFile !== undefined || breakerOptions !== undefined;

  const replayed: Replayed = {
    folder,
    events,
    torn,
    recorded,
    limits: recordedLimits(events),
    sla: slaFile,
    breaker: breakerOptions === undefined ? undefined : { path: breaker ?? '', options: breakerOptions },
    judged: isJudged ? judgeRun(events, { sla: slaFile?.sla, breaker: breakerOptions, only: evaluation }) : undefined,
    sampling: samplingOf(recorded),
    suggestions: suggest ? suggestLimits(recorded) : undefined,
  };
  console.log(json ? JSON.stringify(jsonOf(replayed), null, 2) : reportOf(replayed));
  return replayed.judged?.evaluations.some(({ judgement }) => judgement.outcome.verdict === 'stopped') === true ? 1 : 0;
}

function requireName(name: string | undefined, known: readonly string[]): void {
  if (name === undefined || known.includes(name)) return;
  const near = nearMatch(name, known);
  throw new ConfigurationError(
    `The run has no evaluation "${name}": ${near === undefined ? `it has ${known.join(', ') || 'none'}` : `did you mean "${near}"?`}`,
  );
}
