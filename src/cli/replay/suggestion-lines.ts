import { fewestEvaluations, headRoom, type Suggestion } from '../../replay/index.ts';
import { counted, inWords } from '../../words/index.ts';
import { rows, wrapped } from '../layout.ts';

/** What is proposed, what it rests on, and what stands against it. */
export function suggestionLines(suggestions: readonly Suggestion[]): string[] {
  const formula = `Suggested limits: the 99th percentile of the completed evaluations (nearest rank; of fewer than 100 it is the largest) x ${headRoom}, rounded up to two digits.`;
  return [...wrapped(formula), ...suggestions.flatMap(linesOf)];
}

function linesOf({ evaluation, completed, notCompleted, limits }: Suggestion): string[] {
  const cells = limits.map(({ rule, unit, measured, p99, largest, limit }) =>
    limit === null || p99 === null || largest === null
      ? [rule, 'none', `${counted(measured, 'evaluation')} measured, ${fewestEvaluations} are needed`]
      : [
          rule,
          inWords(limit, unit),
          `p99 ${inWords(p99, unit)}, largest ${inWords(largest, unit)}, of ${counted(measured, 'evaluation')}`,
        ],
  );
  const written = limits.flatMap(({ rule, limit }) => (limit === null ? [] : [[rule, limit] as const]));
  return [
    '',
    `${evaluation}: ${counted(completed, 'completed evaluation')}`,
    ...rows([...cells, ['itemTimeMs', 'none', 'item times are not recorded']], [1]),
    ...(written.length === 0 ? [] : [`  as JSON: ${JSON.stringify(Object.fromEntries(written))}`]),
    ...(notCompleted === 0
      ? []
      : wrapped(
          `${notCompleted} more did not complete, and what they would have taken is not counted: the true percentile may be higher.`,
          { first: '  ', rest: '  ' },
        )),
  ];
}
