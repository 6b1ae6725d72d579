import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createJob, processExecutor, type Telemetry } from '../../src/executors/index.ts';
import { pitwallMatchers } from '../../src/testing/index.ts';
import { rejectionOf } from '../testing/failure-of.ts';
import { evaluator } from './evaluators/index.ts';
import { execute } from './execute.ts';
import { missing } from './needs.ts';

expect.extend(pitwallMatchers);

describe.skipIf(missing('sleep'))('toLeaveNothingRunning, with real processes', () => {
  it('names a child that was left', async () => {
    let left: ChildProcess | undefined;
    const failure = await rejectionOf(() =>
      expect(async () => {
        left = spawn('sleep', ['601'], { stdio: 'ignore' });
        await once(left, 'spawn');
      }).toLeaveNothingRunning({ withinMs: 50 }),
    );
    left?.kill('SIGKILL');

    expect(failure.message).toContain(`process ${left?.pid}: sleep 601`);
    expect(failure.message).toContain('ProcessWrap keeps the event loop alive');
  });

  it('holds of an executor that has answered, and not of one at work', async () => {
    const run = processExecutor(evaluator('holds'));
    const telemetry$ = new ReplaySubject<Telemetry>(Infinity);
    const subscription = run(createJob({ input: {}, telemetry: telemetry$ })).subscribe();
    await firstValueFrom(telemetry$.pipe(filter(({ type }) => type === 'started')));

    const failure = await rejectionOf(() => expect(run).toLeaveNothingRunning({ withinMs: 0 }));
    subscription.unsubscribe();
    await expect(run).toLeaveNothingRunning({ withinMs: 20_000 });

    expect(failure.message).toContain('the executor, which is not idle');
    expect(failure.message).toMatch(/process \d+: .*entry\.js/);
  });

  it('holds of a function that evaluates, though the supervisor stays', async () => {
    const run = processExecutor(evaluator('good'));
    await execute(run); // the supervisor begins

    await expect(async () => {
      expect((await execute(run)).error).toBeUndefined();
    }).toLeaveNothingRunning({ withinMs: 20_000 });
  });
});
