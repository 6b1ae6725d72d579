import { drawnBar } from './drawn-bar.ts';
import { figure } from '../words/index.ts';
import { duration } from './in-words.ts';
import { evaluationLeftMs, type EvaluationProgress, type RunProgress } from './run-progress.ts';
import { cut, oneLine, widthOf, type Span, type TextLine } from './text-line.ts';

const [shortestBar, shortBar, longestBar] = [8, 20, 40];

/** More evaluations than this are counted, not shown. */
const mostEvaluations = 8;

export interface ProgressPicture {
  /** The run's name. */
  readonly name: string;
  readonly epochs: number;
  readonly stepsPerSecond: number | undefined;
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
}

/** A part of a line that leaves it, the highest rank first, where there is no room. */
type Piece = readonly [rank: number, span: Span];

/** The picture of a run at one moment: the training, the evaluations that run, and how those before have ended. */
export function progressLines(progress: RunProgress, picture: ProgressPicture): readonly TextLine[] {
  const { columns, rows, nowMs } = picture;
  // Beside them are three lines, and the one on which the cursor stands.
  const shown = Math.max(1, Math.min(mostEvaluations, rows - 4));
  const running = [...progress.evaluations];
  const hidden = running.length - shown;
  return [
    trainingLine(progress, picture),
    ...running.slice(0, shown).map((evaluation) => evaluationLine(evaluation, columns, nowMs)),
    ...(hidden > 0 ? [[`  and ${hidden} more`]] : []),
    ...(progress.ended.size > 0 ? [endedLine(progress)] : []),
  ];
}

function trainingLine(
  progress: RunProgress,
  { name, epochs, stepsPerSecond, columns, nowMs }: ProgressPicture,
): TextLine {
  const isTraining = progress.stage === 'training';
  const { epoch, epochsDone, stepsInEpoch, lastEpoch } = progress;
  const usual = lastEpoch === undefined || stepsInEpoch > lastEpoch.steps ? '' : ` of ~${lastEpoch.steps}`;
  const now = isTraining ? Math.max(epoch, Math.min(epochs, epochsDone + 1)) : epochsDone;
  return fitted(columns, {
    head: [
      [2, ['bold', cut(oneLine(name), Math.max(8, Math.floor(columns / 4)))]],
      [0, `epoch ${String(now).padStart(String(epochs).length)}/${epochs}`],
    ],
    part: progress.part,
    tail: [
      [1, `${Math.floor(progress.part * 100)}%`.padStart(4)],
      ...(isTraining
        ? ([
            [4, `step ${stepsInEpoch}${usual}`],
            [3, rateTold(stepsPerSecond)],
            [0, `ETA ${clockTold(progress.leftMs(nowMs))}`],
          ] as const)
        : ([[0, 'training ended']] as const)),
    ],
    longestBar,
  });
}

function evaluationLine(evaluation: EvaluationProgress, columns: number, nowMs: number): TextLine {
  const { name, epoch, startedMs, total, note } = evaluation;
  const done = Number.isFinite(evaluation.done) ? evaluation.done : undefined;
  const hasTotal = total !== undefined && Number.isFinite(total) && total > 0;
  const items = done === undefined ? undefined : hasTotal ? `${figure(done)}/${figure(total)}` : `${figure(done)} done`;
  const elapsed = startedMs === undefined ? undefined : clockTold(nowMs - startedMs, Math.floor);
  const line = fitted(columns, {
    head: [
      [0, ['cyan', `▶ ${cut(oneLine(name), Math.max(10, Math.floor(columns / 4)))}`]],
      [3, `epoch ${epoch}`],
    ],
    part: hasTotal && done !== undefined ? done / total : undefined,
    tail: [
      ...(items === undefined ? [] : ([[0, items]] as const)),
      ...(elapsed === undefined ? [] : ([[2, elapsed]] as const)),
      ...(hasTotal ? ([[1, `ETA ${clockTold(evaluationLeftMs(evaluation, nowMs))}`]] as const) : []),
    ],
    longestBar: note === undefined ? longestBar : shortBar,
  });
  const room = columns - widthOf(line) - 2;
  return note === undefined || room < shortestBar ? line : [...line, '  ', ['dim', cut(oneLine(note), room)]];
}

function endedLine({ ended }: RunProgress): TextLine {
  const told = [...ended].map(([status, count]) => `${count} ${status}`);
  return [['dim', `  evaluations: ${told.join(', ')}`]];
}

/** Sets a line with a bar between its head and its tail: pieces leave it until it fits, and the bar takes what is left. */
function fitted(
  columns: number,
  line: {
    readonly head: readonly Piece[];
    readonly part: number | undefined;
    readonly tail: readonly Piece[];
    readonly longestBar: number;
  },
): TextLine {
  const barred = line.part === undefined ? 0 : shortestBar + 2;
  let { head, tail } = line;
  const widthNow = (): number => widthOf([...spaced(head), ...spaced(tail, '  ')]) + barred;
  for (let rank = 4; rank > 0 && widthNow() > columns; rank--) {
    head = head.filter(([of]) => of !== rank);
    tail = tail.filter(([of]) => of !== rank);
  }
  const room = Math.min(line.longestBar, columns - widthNow() + shortestBar);
  const bar: TextLine =
    line.part === undefined ? [] : ['  ', ['cyan', drawnBar(line.part, Math.max(shortestBar, room))]];
  return [...spaced(head), ...bar, ...spaced(tail, '  ')];
}

function spaced(pieces: readonly Piece[], before = ''): TextLine {
  return pieces.flatMap(([, span], at): TextLine => {
    const gap = at === 0 ? before : '  ';
    return gap === '' ? [span] : [gap, span];
  });
}

/** `52.1 steps/s`, and of slow ones `12.3 s/step`. */
function rateTold(perSecond: number | undefined): string {
  if (perSecond === undefined) return '? steps/s';
  if (perSecond < 1) return `${duration(1000 / perSecond)}/step`;
  return `${perSecond >= 1000 ? Math.round(perSecond) : perSecond.toPrecision(3)} steps/s`;
}

/** `0:08`, `12:30`, `3:05:00`, `2 d 3 h`; `?` where it is not known. What is left is rounded up, so that it is never 0. */
export function clockTold(ms: number | undefined, whole: (seconds: number) => number = Math.ceil): string {
  if (ms === undefined) return '?';
  const seconds = Math.max(0, whole(ms / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600), Math.floor(seconds / 60)];
  if (days > 0) return `${days} d ${hours % 24} h`;
  const padded = (value: number): string => String(value % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(seconds)}` : `${minutes}:${padded(seconds)}`;
}
