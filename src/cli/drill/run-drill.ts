import { ConfigurationError, told } from '../../errors/index.ts';
import type { EvaluationSettings } from '../../callbacks/index.ts';
import { keepStdout } from './beside-the-module.ts';
import { kindOf } from './bad-executor.ts';
import { drillBreaker } from './drill-breaker.ts';
import type { DrilledEvaluation, DrilledRule } from './drilled.ts';
import { drillRule } from './drill-rule.ts';
import { loadEvaluations } from './load-evaluations.ts';
import { planDrills } from './plan-drills.ts';
import { breakerLines, headLines, ruleLines, silentOf, summaryLines } from './report.ts';
import { meansOf, type Means } from './ways-to-break.ts';

/** What `pitwall drill` is asked for. */
export interface DrillOptions {
  readonly seconds: string;
  readonly evaluation?: string | undefined;
  readonly training: boolean;
  readonly json: boolean;
}

/**
 * Breaks every limit of every evaluation of a module, and prints what became of it as it is seen.
 *
 * @returns the exit code: 1 where a limit did not fire
 * @throws {ConfigurationError} one sentence about a mistake of the user's.
 */
export async function runDrill(module: string, { seconds, evaluation, training, json }: DrillOptions): Promise<number> {
  const longestMs = Number(seconds) * 1_000;
  if (!(longestMs > 0 && longestMs < 2 ** 31))
    throw new ConfigurationError(
      `--seconds must be a number above 0 and below 2147483 (24 days), but ${told(seconds)} came.`,
    );
  const printJson = json ? keepStdout() : undefined;
  const print = (lines: readonly string[]): void => {
    if (!json) console.log(lines.join('\n'));
  };
  const evaluations: DrilledEvaluation[] = [];
  for (const settings of await loadEvaluations(module, evaluation)) {
    evaluations.push(await drilled(settings, () => meansOf(longestMs, training), print));
    print(['']);
  }
  const isWell = silentOf(evaluations).length === 0;
  print(summaryLines(evaluations));
  printJson?.(`${JSON.stringify({ fired: isWell, module, evaluations }, undefined, 2)}\n`);
  return isWell ? 0 : 1;
}

/** One rule after the other, so that none disturbs another's figures. */
async function drilled(
  settings: EvaluationSettings,
  means: () => Means,
  print: (lines: readonly string[]) => void,
): Promise<DrilledEvaluation> {
  const kind = kindOf(settings.executor);
  print(headLines(settings.name, kind));
  const rules: DrilledRule[] = [];
  for (const drill of planDrills(settings, means())) {
    const rule = await drillRule(settings, drill);
    rules.push(rule);
    print(ruleLines(rule));
  }
  if (settings.sla === false) print(['  its SLA is switched off: there is no limit to drill']);
  const breaker = await drillBreaker(settings);
  print(breakerLines(breaker));
  return { name: settings.name, executor: kind, rules, breaker };
}
