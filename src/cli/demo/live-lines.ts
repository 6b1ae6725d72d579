import { drawnBar } from '../../observability/drawn-bar.ts';
import type { Format, Span, TextLine } from '../../observability/text-line.ts';
import { sparkline } from './charts.ts';
import type { DemoState, InFlight } from './demo-state.ts';
import { outcomeLine, seconds, subjectTold } from './outcome-line.ts';
import { percent, resultTold, winRates } from './scores.ts';

/** How many rows of evaluations that ended are shown, so that the picture keeps its height. */
const outcomeRows = 6;

const [narrowest, widest] = [60, 120];

export interface PictureOptions {
  /** The terminal's width: the bar grows with it up to 120. */
  readonly columns: number;
  /** The wall clock, for what runs now. */
  readonly nowMs: number;
  readonly stepsPerEpoch: number;
}

/** The picture of the run at one moment. */
export function liveLines(state: DemoState, options: PictureOptions): readonly TextLine[] {
  return [
    [['bold', 'pitwall demo'], '  a network learns dobutsu shogi by self-play  ', ['dim', `run ${state.runId}`]],
    epochLine(state, options),
    [],
    curveLine(state),
    minimaxLine(state),
    [],
    [['bold', 'beside the training']],
    ...besideLines(state, options.nowMs),
    [],
    [['bold', 'ended']],
    ...endedLines(state),
    [],
    ...breakerLines(state),
  ];
}

function epochLine(state: DemoState, { columns, nowMs, stepsPerEpoch }: PictureOptions): TextLine {
  const { epochs, epochsEnded, steps, stage, speed, startedAt } = state;
  const done = epochs === 0 ? 0 : Math.min(1, steps / (epochs * stepsPerEpoch));
  const head = `epoch ${String(Math.min(epochs, epochsEnded + 1)).padStart(String(epochs).length)}/${epochs}  `;
  const speedTold = speed.recentMs === undefined ? '' : `${(1000 / speed.recentMs).toFixed(1)} steps/s`;
  const what = stage === 'draining' ? 'the last evaluations end' : speedTold;
  const elapsedMs = stage === 'waiting' ? 0 : nowMs - startedAt;
  const tail = `  ${percent(done).padStart(4)}  ${what.padEnd(12)}  ${clockTold(elapsedMs)}`;
  const room = Math.min(widest, Math.max(narrowest, columns)) - head.length - tail.length;
  return [head, ['cyan', drawnBar(done, Math.max(10, room))], tail];
}

function curveLine({ outcomes }: DemoState): TextLine {
  const curve = winRates(outcomes);
  const [first, last] = [curve[0], curve.at(-1)];
  if (first === undefined || last === undefined) return ['vs-random   ', ['dim', 'nothing yet']];
  const rates = curve.map(({ winRate }) => winRate);
  const change = curve.length > 1 ? `${percent(first.winRate)} to ` : '';
  return [
    'vs-random   ',
    ['green', sparkline(rates, [0.5, 1])],
    `  wins ${change}`,
    ['bold', percent(last.winRate)],
    ['dim', ` of its games (± ${(last.standardError * 100).toFixed(1)})`],
  ];
}

function minimaxLine({ outcomes }: DemoState): TextLine {
  const last = outcomes.findLast(({ name, type }) => name === 'vs-minimax' && type === 'evaluation:end');
  const told = last?.type === 'evaluation:end' ? resultTold(last.result) : '';
  return ['vs-minimax  ', told === '' || last === undefined ? ['dim', 'nothing yet'] : `${told} (epoch ${last.epoch})`];
}

/** Always three rows or more: a picture that jumps is hard to read. */
function besideLines({ inFlight }: DemoState, nowMs: number): TextLine[] {
  const rows = [...inFlight.values()].map((evaluation) => besideLine(evaluation, nowMs));
  return [...rows, ...Array.from({ length: Math.max(0, 3 - rows.length) }, (): TextLine => [])];
}

function besideLine(evaluation: InFlight, nowMs: number): TextLine {
  const { startedAt, progress } = evaluation;
  const subject = ` ${subjectTold(evaluation)}  `;
  if (startedAt === undefined) return [['dim', '▷'], subject, ['dim', 'starts']];
  const total = progress?.total === undefined ? '' : `/${progress.total}`;
  const told = progress === undefined ? '' : `  ${progress.done}${total} ${progress.note ?? ''}`;
  return [['cyan', '▶'], subject, seconds(Math.max(0, nowMs - startedAt)), ['dim', told]];
}

function endedLines({ outcomes }: DemoState): TextLine[] {
  const rows = outcomes.slice(-outcomeRows).map(outcomeLine);
  return [...rows, ...Array.from({ length: outcomeRows - rows.length }, (): TextLine => [])];
}

const breakerFormats: Readonly<Record<string, Format>> = { closed: 'green', open: 'red', 'half-open': 'yellow' };

function breakerLines({ breakers, counts }: DemoState): TextLine[] {
  if (breakers.size === 0 && counts.has('rogue')) return [['breaker rogue  ', ['green', '● closed']]];
  return [...breakers].map(([name, states]) => {
    const state = states.at(-1) ?? '';
    const format = breakerFormats[state] ?? 'dim';
    const now: Span = [format, `● ${state}`];
    return [`breaker ${name}  `, now, ['dim', `   ${states.slice(-5).join(' → ')}`]];
  });
}

function clockTold(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
