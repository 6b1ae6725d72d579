import type { EvaluationCounts, Overhead } from '../../events/index.ts';
import type { TextLine } from '../../observability/text-line.ts';
import { sparkline, table } from './charts.ts';
import type { DemoState } from './demo-state.ts';
import { seconds } from './outcome-line.ts';
import { percent, winRates } from './scores.ts';
import { stepsPerSecond } from './speed.ts';

/** What is left to say when the run has ended. @param journal the journal's file, or `undefined` without one */
export function summaryLines(state: DemoState, journal: string | undefined): readonly TextLine[] {
  return [
    [],
    headLine(state),
    [],
    ...tableLines(countRows(state)),
    [],
    ...violationLines(state),
    ...breakerLines(state),
    curveLine(state),
    speedLine(state),
    ...(state.end === undefined ? [] : overheadLines(state.end.overhead)),
    ...labelled('journal', journal ?? 'none was kept'),
  ];
}

function headLine({ end, epochsEnded, epochs, steps }: DemoState): TextLine {
  const told = `${epochsEnded} of ${epochs} epochs, ${steps} steps in ${seconds(end?.overhead.trainingMs ?? 0)} of training`;
  if (end?.status === 'completed') return [['green', 'completed'], `: ${told}`];
  if (end?.status === 'stopped') return [['yellow', `stopped (${end.reason ?? 'without a reason'})`], `: ${told}`];
  return [['red', `failed (${end?.error?.message ?? 'the run did not end'})`], `: ${told}`];
}

const outcomes = ['requested', 'completed', 'violated', 'failed', 'cancelled', 'skipped'] as const;

function countRows({ counts }: DemoState): (string | number)[][] {
  const row = (name: string, of: (how: keyof EvaluationCounts) => number) => [name, ...outcomes.map(of)];
  const all = [...counts.values()];
  return [
    ['evaluation', ...outcomes],
    ...[...counts].map(([name, count]) => row(name, (how) => count[how])),
    row('all', (how) => all.reduce((sum, count) => sum + count[how], 0)),
  ];
}

function violationLines({ violations }: DemoState): TextLine[] {
  if (violations.length === 0) return [];
  const rows = violations.map(({ name, epoch, violation: { rule, limit, observed, unit, killedAt, goneAt } }) => {
    const gone =
      killedAt === undefined || goneAt === undefined ? '' : `${Math.max(0, goneAt - killedAt).toFixed(1)} ms`;
    return [name, epoch, rule, `${limit} ${unit}`, `${observed.toFixed(1)} ${unit}`, gone];
  });
  return [...tableLines([['violation', 'epoch', 'rule', 'limit', 'observed', 'kill to gone'], ...rows], [0, 2]), []];
}

function tableLines(rows: readonly (readonly (string | number)[])[], leftColumns?: readonly number[]): TextLine[] {
  return table(rows, leftColumns).map((line, index) => (index === 0 ? [['bold', line]] : [line]));
}

function breakerLines({ breakers }: DemoState): TextLine[] {
  return [...breakers].flatMap(([name, states]) => labelled(`breaker ${name}`, states.join(' -> ')));
}

function curveLine({ outcomes }: DemoState): TextLine {
  const rates = winRates(outcomes).map(({ winRate }) => winRate);
  const [first, last] = [rates[0], rates.at(-1)];
  if (first === undefined || last === undefined) return label('against random', 'no evaluation of it completed');
  return [
    ...label('against random', `${percent(first)} `),
    ['green', sparkline(rates, [0.5, 1])],
    ` ${percent(last)} won`,
  ];
}

function speedLine({ speed }: DemoState): TextLine {
  const { beside, alone } = stepsPerSecond(speed);
  const told = [
    beside === null ? '' : `${beside.toFixed(1)} with evaluations beside it`,
    alone === null ? '' : `${alone.toFixed(1)} without`,
  ];
  return label('steps per second', told.filter((each) => each !== '').join(', '));
}

function overheadLines({ totalMs, trainingMs, percent: ofTraining, callbacksMs }: Overhead): TextLine[] {
  const share = ofTraining === null ? '' : ` (${ofTraining.toFixed(2)}%)`;
  const most = Object.entries(callbacksMs)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
    .join(', ');
  return [
    label('Pitwall took', `${totalMs.toFixed(1)} ms of ${seconds(trainingMs)} on the training thread${share}`),
    ...(most === '' ? [] : [label('', `of it ${most}`)]),
  ];
}

function labelled(name: string, told: string): TextLine[] {
  return [label(name, told)];
}

function label(name: string, told: string): TextLine {
  return [['dim', name.padEnd(18)], told];
}
