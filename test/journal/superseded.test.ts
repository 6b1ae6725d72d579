import { describe, expect, it } from 'vitest';
import type { JournalledEvent } from '../../src/events/index.ts';
import { withoutSuperseded } from '../../src/journal/superseded.ts';
import { runEvent, type RunEventSketch } from '../../src/testing/index.ts';

const of = { evaluationId: 'vs-1-1', name: 'vs', epoch: 1, step: 3 } as const;
const scaled = (causedBySeq?: number) => ({
  name: 'learningRate',
  factor: 0.5,
  scale: 0.5,
  reason: 'r',
  callback: 'c',
  ...(causedBySeq !== undefined && { causedBySeq }),
});

/** What stands of these events, numbered from 1, by their numbers. */
function standing(...sketches: readonly RunEventSketch[]): readonly number[] {
  const events = sketches.map((sketch, index) => runEvent({ seq: index + 1, ...sketch }) as JournalledEvent);
  return withoutSuperseded(events).map(({ seq }) => seq);
}

describe('what a resumed run leaves of its journal', () => {
  it.each([
    ['with a stop goes', { stopped: true }, [1, 2, 3, 5, 6]],
    ['in its own way stays', {}, [1, 2, 3, 4, 5, 6]],
  ])('of a breaker that an evaluation has moved which came to nothing %s', (_, how, stands) => {
    expect(
      standing(
        { type: 'run:start' },
        { type: 'epoch:end', epoch: 1 },
        { type: 'evaluation:requested', ...of },
        { type: 'breaker:transition', name: 'vs', from: 'open', to: 'half-open', causedBy: of.evaluationId },
        { type: 'evaluation:end', ...of, status: 'cancelled', ...how },
        { type: 'run:resume', fromSeq: 2, fromEpoch: 1 },
      ),
    ).toEqual(stands);
  });

  it('is a directive that answers what stands, and no other that came after', () => {
    expect(
      standing(
        { type: 'run:start' },
        { type: 'custom', name: 'directive:scale', value: scaled() }, // before the checkpoint
        { type: 'epoch:end', epoch: 1 },
        { type: 'custom', name: 'directive:scale', value: scaled(3) },
        { type: 'custom', name: 'directive:scale', value: scaled() }, // of a timer, or a step
        { type: 'epoch:start', epoch: 2 },
        { type: 'custom', name: 'directive:scale', value: scaled(6) },
        { type: 'custom', name: 'other', value: scaled(3) },
        { type: 'run:resume', fromSeq: 3, fromEpoch: 1 },
      ),
    ).toEqual([1, 2, 3, 4, 9]);
  });
});
