/** One notification of a stream, as it is drawn: a character, `|` or `#`, at a frame of 1 ms. */
export interface Drawn {
  readonly frame: number;
  readonly mark: string;
}

/** A longer silence is written as a time: `-a 29998ms b|`. */
const longestDashes = 40;

/**
 * Draws notifications as a marble diagram that RxJS reads back as the same.
 *
 * @param marks in the order of their frames
 */
export function drawMarbles(marks: readonly Drawn[]): string {
  let drawing = '';
  let frame = 0;
  for (let index = 0; index < marks.length;) {
    const at = marks[index]?.frame ?? frame;
    const together = marks.filter((mark) => mark.frame === at);
    index += together.length;
    drawing += silence(at - frame);
    const group = together.map(({ mark }) => mark).join('');
    drawing += together.length === 1 ? group : `(${group})`;
    // A group takes as many frames as it has characters, so that what comes in one of them can only be drawn a little late.
    frame = at + (together.length === 1 ? 1 : together.length + 2);
  }
  return drawing === '' ? '-' : drawing.trim();
}

/** Draws when a stream was subscribed to and left: `--^---!`. */
export function drawSubscription({
  subscribedFrame,
  unsubscribedFrame,
}: {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}): string {
  if (subscribedFrame === unsubscribedFrame) return drawMarbles([{ frame: subscribedFrame, mark: '(^!)' }]);
  return drawMarbles(
    [
      { frame: subscribedFrame, mark: '^' },
      { frame: unsubscribedFrame, mark: '!' },
    ].filter(({ frame }) => Number.isFinite(frame)),
  );
}

function silence(frames: number): string {
  if (frames <= 0) return '';
  return frames > longestDashes ? ` ${frames}ms ` : '-'.repeat(frames);
}
