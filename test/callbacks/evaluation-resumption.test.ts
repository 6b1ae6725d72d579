import { from, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EvaluationResumption } from '../../src/callbacks/evaluation-resumption.ts';
import { subjectTracker } from '../../src/callbacks/evaluation-subject.ts';
import type { JournalledEvent } from '../../src/events/index.ts';
import { runEvent, type RunEventSketch } from '../../src/testing/index.ts';

const of = (number: number) => ({ evaluationId: `vs-1-${number}`, name: 'vs', epoch: 1, step: 3 });
const lost = { code: 'HOST_LOST', kind: 'cancelled', message: 'its process was gone' };

describe('a request that was made again', () => {
  it.each<[string, RunEventSketch]>([
    ['was lost', { type: 'evaluation:end', ...of(1), status: 'cancelled', error: lost }],
    ['was cancelled by a stop', { type: 'evaluation:end', ...of(1), status: 'cancelled', stopped: true }],
    ['was skipped by a stop', { type: 'evaluation:skipped', ...of(1), reason: 'stopping', stopped: true }],
  ])('because the first %s, answers no trigger', (_, over) => {
    const sketches: readonly RunEventSketch[] = [
      { type: 'run:start' },
      { type: 'epoch:end', epoch: 1, step: 3 },
      { type: 'evaluation:requested', ...of(1) },
      over,
      { type: 'evaluation:requested', ...of(2) },
    ];
    const history = sketches.map((sketch, index) => runEvent({ seq: index + 1, ...sketch }) as JournalledEvent);
    const past = { history, from: { fromSeq: 2, epoch: 1, step: 3 }, lost: [], lostBefore: [], stopped: [] };
    const resumption = new EvaluationResumption(past, { name: 'vs', repeats: true });

    // It fires twice for the end of the epoch, and what it fired first is all that is on the disk.
    const present = subjectTracker({ epoch: 1, step: 3, metrics: undefined });
    resumption.eventsOf({ history$: from(history), events$: NEVER }).subscribe((event) => {
      if (event.type === 'epoch:end') for (let time = 1; time <= 2; time++) resumption.remembers(event, present);
    });

    expect(resumption.owed(false)).toMatchObject([{ resumed: false, subject: { epoch: 1, step: 3 } }]);
  });
});
