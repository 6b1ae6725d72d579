import { createLogUpdate } from 'log-update';
import { painted, paintFor } from '../../observability/text-line.ts';
import { emptyDemoState } from './demo-state.ts';
import { liveLines } from './live-lines.ts';
import { stepsPerEpoch } from './training.ts';
import type { Out, View } from './view.ts';

/** Ten pictures a second look like motion, and cost the training nothing that could be measured. */
const pictureEveryMs = 100;

/** A picture of the run that is drawn anew in place. `close` leaves the last one standing. */
export function liveView(out: Out & NodeJS.WritableStream): View {
  const log = createLogUpdate(out);
  const paint = paintFor(out);
  let state = emptyDemoState;
  const draw = (): void => {
    const columns = out.columns ?? 80;
    log(
      liveLines(state, { columns, nowMs: Date.now(), stepsPerEpoch })
        .map((line) => painted(line, paint, columns))
        .join('\n'),
    );
  };
  const timer = setInterval(draw, pictureEveryMs);
  timer.unref();
  let isClosed = false;
  return {
    update: (next) => {
      state = next;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      // The last picture is drawn whole: one that is patched leaves the cursor where it was patched.
      log.clear();
      draw();
      log.done();
    },
  };
}
