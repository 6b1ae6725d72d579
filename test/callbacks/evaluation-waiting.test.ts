import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Callback } from '../../src/callbacks/callback.ts';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import type { Usage } from '../../src/events/index.ts';
import type { Executor, Telemetry } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

/** An evaluation that its executor accepts, and that is aborted before it begins. */
function neverBegun(usage: Partial<Usage>) {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const executor: Executor = (job) =>
    new Observable((subscriber) => {
      job.telemetry.next({ type: 'accepted', enforces: [] });
      return job.onAbort(() => {
        job.telemetry.next({ type: 'usage', usage });
        subscriber.error(EvaluationError.cancelled('enough'));
      });
    });
  run.connect(evaluation({ name: 'vs', every: 1, executor }));
  run.epochEnd(1);
  return { clock, run };
}

describe('the wait of an evaluation that never began', () => {
  it.each<[string, Partial<Usage>, number, number]>([
    ['is all its time, where its executor says nothing of it', {}, 70, 0],
    ['is what its executor says, and the rest was its start', { queuedMs: 50 }, 50, 20],
    ['may be none: all of it was its start', { queuedMs: 0 }, 0, 70],
  ])('%s', async (_, usage, queuedMs, startMs) => {
    const { clock, run } = neverBegun(usage);

    await clock.advance(70);
    run.cancel('enough');

    expect(run.story).toEqual(['requested 1', 'end 1 cancelled']);
    expect(run.of('evaluation:end')[0]?.usage).toMatchObject({ queuedMs, startMs, wallMs: 0 });
    expectConserved(run);
  });
});

describe('what was done in its second-best way', () => {
  const fallbacks = (...tellings: readonly Omit<Extract<Telemetry, { type: 'fallback' }>, 'type'>[]): unknown[] => {
    const run = new FakeRun(new VirtualClock());
    const left = [...tellings];
    const executor: Executor = (job) =>
      new Observable((subscriber) => {
        const next = left.shift();
        if (next !== undefined) job.telemetry.next({ type: 'fallback', ...next });
        subscriber.next('r');
        subscriber.complete();
      });
    const callback = evaluation({ name: 'vs', every: 1, executor });
    const connect: Callback['connect'] = (connected, desk) =>
      callback.connect(connected, {
        ...desk,
        // What is told once in a run is told so by its whole sentence: other figures make another.
        publishOnce: (body) => {
          desk.publish(body);
        },
      });
    run.connect({ name: 'vs', connect });
    tellings.forEach((_, index) => {
      run.epochEnd(index + 1);
    });
    return run.of('custom').map(({ value }) => value);
  };

  it('is told once for one kind of reason, whatever its figures', () => {
    const told = fallbacks(
      { what: 'hand-over', cause: 'no room', why: '3 MB left' },
      { what: 'hand-over', cause: 'no room', why: '2 MB left' },
    );

    expect(told).toEqual([{ what: 'hand-over', why: '3 MB left' }]);
  });

  it('is told again for another kind of reason, and for another thing', () => {
    const told = fallbacks(
      { what: 'hand-over', cause: 'no room', why: '3 MB left' },
      { what: 'hand-over', cause: 'no files', why: 'no more files' },
      { what: 'log', cause: 'no room', why: '3 MB left' },
      { what: 'log', why: 'without a kind its sentence is one' },
    );

    expect(told).toHaveLength(4);
  });
});
