import type { createLogUpdate } from 'log-update';
import type { Clock } from '../clock/index.ts';
import { PitwallError, reasonOf } from '../errors/index.ts';
import { painted, paintFor, type TextLine } from './text-line.ts';

/** Where a progress bar is drawn: a terminal, or anything else that can be written to. */
export type ProgressStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly writableNeedDrain?: boolean | undefined;
};

type Redraw = ReturnType<typeof createLogUpdate>;

/** Five pictures a second look alive, and cost the training half of what ten do. */
const pictureEveryMs = 200;
/** Also where lines are printed above it, a picture is drawn at most ten times a second. */
const leastBetweenMs = 100;

interface ScreenOptions {
  readonly stream: ProgressStream;
  readonly clock: Clock;
  /** Called for each picture. */
  readonly picture: (columns: number, rows: number) => readonly TextLine[];
  /** Runs what is done at times of its own, so that its time is told. */
  readonly measure: (work: () => void) => void;
  /** The stream is of no more use. Called once, and nothing is written after it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Draws pictures in place on a terminal, and writes lines to whatever else a stream leads to.
 *
 * The cursor stays where it can be seen, so that nothing has to give it back, not even to who ends the process. What is drawn on is
 * loaded here, and only where something is drawn.
 */
export class ProgressScreen {
  readonly #options: ScreenOptions;
  readonly #isTerminal: boolean;
  #redraw: Redraw | undefined;
  #cancelTimer: (() => void) | undefined;
  #drawnAtMs = -Infinity;
  #isOver = false;
  #lost = 0;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#isTerminal = canRedraw(options.stream);
    options.stream.on('error', this.#onStreamError);
    if (this.#isTerminal) void this.#start();
  }

  /** Whether pictures are drawn, and lines are for what happens beside them. */
  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** How many lines found no room, because the stream takes nothing more for now. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a line, above the picture where there is one. */
  print(text: string): void {
    this.#write(() => {
      if (this.#options.stream.writableNeedDrain === true) {
        this.#lost++;
        return;
      }
      this.#redraw?.clear();
      this.#options.stream.write(`${text}\n`);
      if (this.#redraw !== undefined && this.#options.clock.now() - this.#drawnAtMs >= leastBetweenMs) this.#draw();
    });
  }

  /** Puts a last line in the place of the picture, or leaves the last picture standing. A second call does nothing. */
  close(lastLine?: string): void {
    if (this.#isOver) return;
    this.#cancelTimer?.();
    const isWritten = this.#write(() => {
      this.#redraw?.clear(); // the last picture is drawn whole: one that is patched leaves the cursor where it was patched
      if (lastLine === undefined) this.#draw();
      else this.#options.stream.write(`${lastLine}\n`);
    });
    if (!isWritten) return;
    this.#isOver = true;
    this.#letGo();
  }

  async #start(): Promise<void> {
    try {
      const { createLogUpdate } = await import('log-update');
      if (this.#isOver) return;
      this.#redraw = createLogUpdate(asTerminal(this.#options.stream), { showCursor: true });
      this.#tick();
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #tick = (): void => {
    this.#write(() => {
      this.#options.measure(() => {
        this.#draw();
      });
    });
    if (!this.#isOver) this.#cancelTimer = this.#options.clock.setTimeout(this.#tick, pictureEveryMs);
  };

  #draw(): void {
    const { stream, clock, picture } = this.#options;
    if (this.#redraw === undefined || stream.writableNeedDrain === true) return;
    const columns = columnsOf(stream);
    const paint = paintFor(stream);
    this.#drawnAtMs = clock.now();
    const lines = picture(columns, rowsOf(stream));
    this.#redraw(lines.map((line) => painted(line, paint, columns)).join('\n'));
  }

  /** @returns whether the stream has taken it. */
  #write(work: () => void): boolean {
    if (this.#isOver) return false;
    try {
      work();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  readonly #onStreamError = (error: unknown): void => {
    this.#fail(error);
  };

  /** The stream's errors are listened for from here on too: one that is broken may tell of it more than once. */
  #fail(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer?.();
    this.#options.onError(
      new PitwallError(
        'PROGRESS_STREAM',
        `The stream of a progress bar must take what is written to it, but it does not (${reasonOf(cause)}): the bar is over.`,
        { cause },
      ),
    );
  }

  /** Listens until all that was written has gone out or failed: that is told later. */
  #letGo(): void {
    const { stream } = this.#options;
    try {
      stream.write('', () => setImmediate(() => stream.off('error', this.#onStreamError)));
    } catch {
      // broken since the last line, and nothing is left to write
    }
  }
}

/** A terminal that takes orders, with somebody before it. */
function canRedraw({ isTTY }: ProgressStream, { CI = '', TERM = '' } = process.env): boolean {
  return isTTY === true && TERM !== 'dumb' && (CI === '' || CI === 'false' || CI === '0');
}

/** A terminal that does not know its size says 0. */
function columnsOf({ columns = 0 }: ProgressStream): number {
  return columns > 0 ? columns : 80;
}

function rowsOf({ rows = 0 }: ProgressStream): number {
  return rows > 0 ? rows : 24;
}

/** The stream as log-update sees it. */
function asTerminal(stream: ProgressStream): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    write: (text: string): boolean => stream.write(text),
    get columns() {
      return columnsOf(stream);
    },
    get rows() {
      return rowsOf(stream);
    },
  };
  return terminal as unknown as NodeJS.WritableStream;
}
