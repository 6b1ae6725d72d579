import type { EventOf, RunEvent, RunEventType } from '../../events/index.ts';
import { painted, type TextLine } from '../../observability/text-line.ts';
import type { DemoState } from './demo-state.ts';
import { outcomeLine } from './outcome-line.ts';
import type { Out, View } from './view.ts';

/** A line for each thing that happens: for pipes, files and CI. */
export function plainView(out: Out): View {
  return {
    update: (state, event) => {
      const line = plainLine(state, event);
      if (line !== undefined) out.write(`${painted(line)}\n`);
    },
    close: () => undefined,
  };
}

/** The line that tells of an event, with the seconds since the beginning of the run; `undefined` for most events. */
export function plainLine(state: DemoState, event: RunEvent): TextLine | undefined {
  // The tag picks the words for that very event: what TypeScript cannot see of a table.
  const tell = lines[event.type] as ((event: RunEvent, state: DemoState) => TextLine) | undefined;
  const at = `${((event.at - state.startedAt) / 1000).toFixed(1)} s`;
  return tell && [at.padStart(8), '  ', ...tell(event, state)];
}

const lines: { readonly [Type in RunEventType]?: (event: EventOf<Type>, state: DemoState) => TextLine } = {
  'run:start': ({ runId }) => [`pitwall demo: a network learns dobutsu shogi by self-play (run ${runId})`],
  'epoch:end': epochTold,
  'evaluation:end': outcomeLine,
  'evaluation:skipped': outcomeLine,
  'breaker:transition': ({ name, from, to, reason }) => [`breaker ${name}: ${from} -> ${to} (${reason})`],
  'callback:error': ({ callback, error }) => [`callback ${callback}: ${error.message}`],
  'sla:unmeasured': ({ rule, why }) => [`${rule} is not measured: ${why}`],
  'sla:unenforceable': ({ rule, why }) => [`${rule} cannot be enforced: ${why}`],
  dropped: ({ count, what }) => [`dropped: ${count} ${what}`],
  'training:end': ({ steps }) => [`the training has ended after ${steps} steps`],
};

function epochTold({ epoch, interrupted, metrics }: EventOf<'epoch:end'>, { epochs, speed }: DemoState): TextLine {
  const { loss } = metrics;
  const lossTold = typeof loss === 'number' ? `  loss ${loss.toFixed(3)}` : '';
  const pace = speed.recentMs === undefined ? '' : `  ${(1000 / speed.recentMs).toFixed(1)} steps/s`;
  return [`epoch ${epoch}/${epochs}${interrupted === true ? ' was interrupted' : ''}${lossTold}${pace}`];
}
