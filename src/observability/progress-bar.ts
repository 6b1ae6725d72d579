import { concat, ignoreElements, Observable, tap } from 'rxjs';
import { z } from 'zod';
import type { Callback, Desk, Directive, Run } from '../callbacks/index.ts';
import { nameOption } from '../callbacks/name-option.ts';
import { parseOptions } from '../errors/index.ts';
import type { JournalledEvent, RunEvent } from '../events/index.ts';
import { sentenceOf } from './event-sentence.ts';
import { counted } from '../words/index.ts';
import { duration } from './in-words.ts';
import { clockTold, progressLines } from './progress-lines.ts';
import { ProgressScreen, type ProgressStream } from './progress-screen.ts';
import { RunProgress } from './run-progress.ts';
import { StepRate } from './step-rate.ts';
import { oneLine } from './text-line.ts';

export type { ProgressStream } from './progress-screen.ts';

/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /** Where it is drawn: `process.stderr` by default. */
  readonly stream?: ProgressStream | undefined;
  /** Its name in the run: `progressBar` by default. */
  readonly name?: string | undefined;
}

/** A callback that shows a run in a terminal. */
export interface ProgressBar extends Callback {
  /** Writes a line above what is drawn; before and after a run, just so. */
  print(this: void, text: string): void;
}

const optionsSchema = z.strictObject({
  stream: z
    .custom<ProgressStream>((stream) => {
      const { write, on } = (stream ?? {}) as Partial<ProgressStream>;
      return typeof write === 'function' && typeof on === 'function';
    })
    .describe('a stream that can be written to, such as process.stdout')
    .optional(),
  name: nameOption.default('progressBar'),
});

/**
 * Shows how far a run is: its epochs with steps and speed, each evaluation that runs with its items, and when they will be done.
 *
 *     minishogi  epoch  4/30  ████▎░░░░░░░░░░░░░░░░░░░  13%  step 112 of ~200  52.1 steps/s  ETA 12:30
 *     ▶ vs-random  epoch 3  ████████████░░░░░░░░  12/20  0:14  ETA 0:09  game 12
 *       evaluations: 2 completed, 1 violated
 *
 * The time left is by the epochs' own times so far, the later ones counting more, and of an evaluation by its items; it is `?` until
 * something is known. Of a run that was resumed the epochs of before are done, and their time counts for nothing. How many steps an
 * epoch has is known from the one before it.
 *
 * It is drawn five times a second, and a step costs an addition. Where the stream is no terminal (a file, a pipe), in CI, and where
 * TERM is `dumb`, nothing is redrawn: a line is written at the end of each epoch and each evaluation. `NO_COLOR` switches colours
 * off. At the end of the run a last line stays. The cursor is not hidden.
 *
 * What others write to the same terminal meanwhile is overwritten in part: write with `print`, log to a file, or give one of the two
 * another stream. A stream that fails costs the bar, told as `callback:error`, and lines that a slow one cannot take are `dropped`; a
 * terminal that is held (Ctrl-S) holds who writes to it, as it does with any program.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const bar = progressBar();
 * trainer.register(bar);
 * bar.print('the weights were loaded');
 */
export function progressBar(options: ProgressBarOptions = {}): ProgressBar {
  const { stream = process.stderr, name } = parseOptions(optionsSchema, options, 'The options of progressBar');
  let screen: ProgressScreen | undefined;
  return {
    name,
    print: (text) => {
      if (screen === undefined) stream.write(`${text}\n`);
      else screen.print(text);
    },
    connect: (run, desk) => {
      const onScreen = (present: ProgressScreen | undefined): void => {
        screen = present;
      };
      return showing(run, desk, { stream, name, onScreen });
    },
  };
}

interface Showing {
  readonly stream: ProgressStream;
  readonly name: string;
  /** The screen, from its beginning to its end. */
  readonly onScreen: (screen: ProgressScreen | undefined) => void;
}

/** Serves one run. Emits nothing; errors when its stream is of no more use. */
function showing(run: Run<never>, desk: Desk, { stream, name, onScreen }: Showing): Observable<Directive> {
  return new Observable((subscriber) => {
    const { clock, epochs } = run;
    const progress = new RunProgress(epochs, run.state.epoch);
    const rate = new StepRate();
    const screen = new ProgressScreen({
      stream,
      clock,
      picture: (columns, rows) => {
        const nowMs = clock.now();
        const stepsPerSecond = rate.look(progress.steps, nowMs);
        return progressLines(progress, { name: run.name, epochs, stepsPerSecond, columns, rows, nowMs });
      },
      measure: (work) => {
        desk.measure('drawing', work);
      },
      onError: (error) => {
        subscriber.error(error);
      },
    });
    const see = (event: RunEvent): void => {
      if (event.type === 'step') {
        progress.step();
        return;
      }
      const nowMs = clock.now();
      progress.see(event, nowMs);
      const line = screen.isTerminal && event.type !== 'run:end' ? undefined : lineOf(event, progress, epochs, nowMs);
      if (line === undefined) return;
      const told = oneLine(`${run.name}: ${line}`);
      if (event.type !== 'run:end') screen.print(told);
      else {
        screen.close(told);
        onScreen(undefined);
        if (screen.lost > 0) desk.publish({ type: 'dropped', what: `lines of "${name}"`, count: screen.lost });
      }
    };
    onScreen(screen);
    subscriber.add(() => {
      screen.close();
      onScreen(undefined);
    });
    const past$ = run.history$.pipe(
      tap((event) => {
        progress.remember(event);
      }),
      ignoreElements(),
    );
    subscriber.add(
      concat(past$, run.events$).subscribe({
        next: see,
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      }),
    );
  });
}

/** The line that is written of an event; `undefined` for most events. */
function lineOf(event: JournalledEvent, progress: RunProgress, epochs: number, nowMs: number): string | undefined {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- lines are for ends
  switch (event.type) {
    case 'epoch:end': {
      const { lastEpoch } = progress;
      const pace =
        lastEpoch === undefined ? [] : [`${counted(lastEpoch.steps, 'step')} in ${duration(Math.round(lastEpoch.ms))}`];
      const left = progress.leftMs(nowMs);
      const told = [
        `${progress.epochsDone}/${epochs}`,
        ...pace,
        ...(left === undefined ? [] : [`ETA ${clockTold(left)}`]),
      ];
      return `${sentenceOf(event)} (${told.join(', ')})`;
    }
    case 'evaluation:end':
    case 'run:end':
      return sentenceOf(event);
    default:
      return undefined;
  }
}
