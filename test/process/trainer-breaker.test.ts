import { expect, it } from 'vitest';
import { CircuitBreaker, evaluation } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { evaluator } from './evaluators/index.ts';
import { eventsOf, expectWhole, named, recordedRun } from './recorded-run.ts';

it('a breaker opens after failures of real processes, skips, tries again after its wait, and closes', async () => {
  const clock = new VirtualClock();
  const breaker = new CircuitBreaker({
    name: 'fragile',
    clock,
    minimumNumberOfCalls: 2,
    slidingWindow: { type: 'count', size: 2 },
    waitDurationInOpenStateMs: 60_000,
  });
  const asked: number[] = [];

  const run = await recordedRun({
    epochs: 6,
    callbacks: [
      evaluation({
        name: named('fragile'),
        every: 1,
        module: evaluator('throws-when-told'),
        input: ({ epoch }) => {
          asked.push(epoch);
          return { fails: epoch <= 2 };
        },
        sla: { startTimeMs: 60_000 },
        breaker,
      }),
    ],
    onEvent: (event) => {
      if (event.type === 'epoch:start' && event.epoch === 4) void clock.advance(60_000);
    },
  });

  expect(eventsOf(run.events, 'evaluation:end').map(({ epoch, status }) => [epoch, status])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [4, 'completed'],
    [5, 'completed'],
    [6, 'completed'],
  ]);
  expect(eventsOf(run.events, 'evaluation:skipped')).toMatchObject([{ epoch: 3, reason: 'breaker-open' }]);
  expect(asked).toEqual([1, 2, 4, 5, 6]);
  expect(eventsOf(run.events, 'breaker:transition').map(({ name, from, to }) => [name, from, to])).toEqual([
    ['fragile', 'closed', 'open'],
    ['fragile', 'open', 'half-open'],
    ['fragile', 'half-open', 'closed'],
  ]);
  expectWhole(run);
});
