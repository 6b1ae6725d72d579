// A whole run under these limits, in virtual time: a real trainer, and an executor that does as it is told.
import { evaluation } from 'pitwall';
import { fakeExecutor, fakeTrainer, pitwallMatchers } from 'pitwall/testing';
import { expect, it } from 'vitest';
import { breaker, safeguards, sla } from './limits.js';

expect.extend(pitwallMatchers);

const answers = [{ atMs: 400, result: { winRate: 0.6 } }];
const tooSlow = [{ atMs: 1_500, progress: { done: 3, total: 10 } }];
/** @type {import('pitwall/testing').FakeScript} */
const hangs = [
  { atMs: 100, progress: { done: 1, total: 10 } },
  { atMs: 200, hang: true },
];
const crashes = [{ atMs: 300, crash: 'the weights are not finite' }];

/** @param {import('pitwall/testing').FakeScript[]} scripts what each evaluation does, one in an epoch of a minute */
async function runOf(scripts) {
  const { clock, register, run } = fakeTrainer(scripts.map(() => ({ stepMs: 60_000 })));
  const executor = fakeExecutor((_, number) => scripts[number - 1] ?? [], { clock });
  register(evaluation({ name: 'games', every: 1, executor, input: ({ epoch }) => epoch, sla, breaker, safeguards }));
  const training = await run();
  expect(training).toConserve();
  await expect(clock).toLeaveNothingRunning();
  return { ...training, executor };
}

it('lets be what does well', async () => {
  const { outcome, events } = await runOf([answers, answers]);

  expect(outcome.evaluations.completed).toBe(2);
  expect(events).not.toViolate('evaluationTimeMs');
});

it('ends what hangs at its limit', async () => {
  const { events } = await runOf([hangs]);

  expect(events).toViolate('evaluationTimeMs', { limit: 3_000, action: 'abort' });
});

it('ends what is too slow long before', async () => {
  const { events } = await runOf([tooSlow]);

  expect(events).toViolate('paceMs', { observed: 5_000 });
  expect(events).not.toViolate('evaluationTimeMs');
});

it('asks for no more after three failing evaluations in a row', async () => {
  const { outcome, executor } = await runOf([tooSlow, answers, tooSlow, hangs, crashes, answers, answers]);

  expect(executor.executions).toHaveLength(5);
  expect(outcome.evaluations).toMatchObject({ completed: 1, violated: 3, failed: 1, skipped: 2 });
});
