import { describe, expect, it } from 'vitest';
import { emptyDemoState, foldDemo } from '../../../src/cli/demo/demo-state.ts';
import { moodOf, openWaitMs } from '../../../src/cli/demo/rogue-story.ts';
import { winRates } from '../../../src/cli/demo/scores.ts';
import { stepsPerSecond } from '../../../src/cli/demo/speed.ts';
import { feast, hang, MadeUpRun, score } from './made-up-run.ts';

describe('the state of the demo', () => {
  it('counts epochs, steps and losses', () => {
    const { state } = new MadeUpRun().start(3).epoch(4, 10, 0.3).epoch(4, 20, 0.25);
    expect(state).toMatchObject({ runId: 'made-up', epochs: 3, epoch: 2, epochsEnded: 2, steps: 8, stage: 'training' });
    expect(state.lastEpochMs).toBe(80);
    expect(state.losses).toEqual([
      { epoch: 1, loss: 0.3 },
      { epoch: 2, loss: 0.25 },
    ]);
  });

  it('does not count an interrupted epoch as ended', () => {
    const run = new MadeUpRun().start(3).epoch(1, 10);
    run.add({ type: 'epoch:end', epoch: 2, metrics: { loss: 1 }, interrupted: true });
    expect(run.state.epochsEnded).toBe(1);
    expect(run.state.losses).toHaveLength(1);
  });

  it('follows an evaluation from its request to its end', () => {
    const run = new MadeUpRun().start().epoch(1, 10).requested('vs-random');
    expect(run.state.inFlight.get('vs-random-1')).toEqual({ id: 'vs-random-1', name: 'vs-random', epoch: 1 });
    run.wait(50).started('vs-random').progress('vs-random', 20, 400);
    expect(run.state.inFlight.get('vs-random-1')).toMatchObject({ progress: { done: 20, total: 400 } });
    run.completed('vs-random', score(0.6));
    expect(run.state.inFlight.size).toBe(0);
    expect(run.state.counts.get('vs-random')).toMatchObject({ requested: 1, completed: 1 });
  });

  it('counts every way to end, by name, and what was requested is their sum', () => {
    const { state } = new MadeUpRun()
      .start()
      .requested('a', 1)
      .completed('a', score(0.5), 1)
      .requested('a', 2)
      .skipped('a', 'busy', 2)
      .requested('a', 3)
      .violated('a', hang, 3)
      .requested('a', 4)
      .failed('a', 'oh', 4)
      .requested('a', 5)
      .cancelled('a', 5)
      .requested('b', 5);
    expect(state.counts.get('a')).toEqual({ requested: 5, completed: 1, violated: 1, failed: 1, cancelled: 1, skipped: 1 }); // prettier-ignore
    expect(state.counts.get('b')?.requested).toBe(1);
    expect(state.outcomes).toHaveLength(5);
  });

  it('keeps the steps beside evaluations apart from those alone', () => {
    const run = new MadeUpRun().start().epoch(4, 10);
    run.requested('a').step(20).step(20).completed('a', 1).step(10);
    expect(run.state.speed.epochs).toEqual([
      { epoch: 1, alone: { count: 5, totalMs: 50 }, beside: { count: 2, totalMs: 40 } },
    ]);
    expect(stepsPerSecond(run.state.speed)).toEqual({ alone: 100, beside: 50 });
  });

  it('compares speeds within an epoch: a machine that slows down counts for neither', () => {
    const run = new MadeUpRun().start().requested('a', 0).epoch(3, 10).completed('a', 1, 0);
    for (let count = 0; count < 5; count++) run.step(10);
    run.requested('b', 1).epoch(2, 40).completed('b', 1, 1).step(40);
    const { alone, beside } = stepsPerSecond(run.state.speed);
    expect(alone).toBeCloseTo(1000 / 17.5);
    expect(beside).toBeCloseTo(1000 / 17.5);
  });

  it('tells plain sums where no epoch has both, and null where there was no step', () => {
    const run = new MadeUpRun().start().epoch(2, 10).epoch(2, 30);
    expect(stepsPerSecond(run.state.speed)).toEqual({ alone: 50, beside: null });
    expect(stepsPerSecond(emptyDemoState.speed)).toEqual({ alone: null, beside: null });
  });

  it('keeps violations with whose they are, and the way of a breaker', () => {
    const { state } = new MadeUpRun()
      .start()
      .requested('rogue', 1)
      .violated('rogue', hang, 1)
      .breaker('closed', 'open')
      .breaker('open', 'half-open')
      .breaker('half-open', 'closed');
    expect(state.violations).toEqual([{ name: 'rogue', epoch: 1, violation: hang }]);
    expect(state.breakers.get('rogue')).toEqual(['closed', 'open', 'half-open', 'closed']);
  });

  it('changes nothing that it is given, and gives back the same state for what it does not show', () => {
    const run = new MadeUpRun().start().epoch(1, 10).requested('a');
    const before = Object.freeze({ ...run.state });
    const inFlight = [...before.inFlight];
    const next = new MadeUpRun().completed('a', 1, 1).events[0]!;
    foldDemo(before, next);
    expect([...before.inFlight]).toEqual(inFlight);
    const sample = new MadeUpRun().add({ type: 'evaluation:sample' }).events[0]!;
    expect(foldDemo(before, sample)).toBe(before);
  });

  it('gives the win rates in the order of their epochs, completed ones only', () => {
    const { state } = new MadeUpRun()
      .start()
      .requested('vs-random', 2)
      .completed('vs-random', score(0.7), 2)
      .requested('vs-random', 1)
      .completed('vs-random', score(0.6), 1)
      .requested('vs-random', 3)
      .cancelled('vs-random', 3)
      .requested('vs-minimax', 3)
      .completed('vs-minimax', score(0.1), 3);
    expect(winRates(state.outcomes).map(({ epoch, winRate }) => [epoch, winRate])).toEqual([
      [1, 0.6],
      [2, 0.7],
    ]);
  });
});

describe('the rogue', () => {
  it('hangs until it was stopped for that, then eats until it was stopped for that, then behaves', () => {
    const run = new MadeUpRun().start();
    expect(moodOf(run.state)).toBe('hang');
    run.requested('rogue', 1).failed('rogue', 'crashed before it hung', 1);
    expect(moodOf(run.state)).toBe('hang');
    run.requested('rogue', 2).violated('rogue', hang, 2);
    expect(moodOf(run.state)).toBe('eat');
    run.requested('vs-random', 2).violated('vs-random', feast, 2);
    expect(moodOf(run.state)).toBe('eat');
    run.requested('rogue', 3).violated('rogue', feast, 3);
    expect(moodOf(run.state)).toBe('behave');
  });

  it.each([
    [{ epochs: 10, epochsEnded: 2, lastEpochMs: 4000 }, 6000],
    [{ epochs: 10, epochsEnded: 7, lastEpochMs: 4000 }, 6000],
    [{ epochs: 10, epochsEnded: 8, lastEpochMs: 4000 }, 1000],
    [{ epochs: 10, epochsEnded: 0, lastEpochMs: undefined }, 1500],
  ])('is left alone in %o for %i ms', (state, waitMs) => {
    expect(openWaitMs(state)).toBe(waitMs);
  });
});
