import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { commandExecutor, processExecutor, threadExecutor, type Executor } from '../../src/executors/index.ts';
import { isAlive } from '../../src/probes/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { endingOf, hostileEvaluators, limitsOf, maxResultMb, type Hostile, type Runner } from './hostile-evaluators.ts';
import { expectEnding } from './hostile-endings.ts';
import { hasControlGroups, missing } from './needs.ts';
import { strayToken, straysOf } from './strays.ts';

const asCommand = fileURLToPath(evaluator('as-command'));
const executors: readonly [Runner, (url: URL) => Executor][] = [
  ['cold', (url) => processExecutor(url)],
  ['warm', (url) => processExecutor(url, { warm: true })],
  ['thread', (url) => threadExecutor(url)],
  ['command', (url) => commandExecutor([process.execPath, asCommand, url.href, '{input}'])],
];

/** In a training beside it, processes of their own are tried by `hostile-runs.test.ts`: here only what no training may stand beside. */
const isTriedHere = (runner: Runner, { by, alone }: Hostile): boolean =>
  by.includes(runner) && (runner !== 'cold' || alone === true);

const isContained = ({ wants }: Hostile): boolean => wants === undefined || hasControlGroups();

async function expectContained(hostile: Hostile, runner: Runner, executor: Executor): Promise<void> {
  const token = strayToken();
  const { alive, telemetry, ...came } = await execute(executor, {
    input: { ...hostile.input, token },
    limits: limitsOf(hostile, runner),
    maxResultMb,
  });
  const strays = straysOf(token);
  strays.forEach((pid) => process.kill(pid, 'SIGKILL'));

  expectEnding(endingOf(hostile, runner), { ...came, violation: came.error?.violation });
  if (isContained(hostile)) expect(strays).toEqual([]);
  expect(told(telemetry, 'usage')).toHaveLength(1);
  // Who has answered well may be kept warm.
  if (runner === 'warm' && came.error === undefined) return;
  expect(alive).toEqual([]);
  if (runner !== 'thread') expect(told(telemetry, 'started').filter(({ pid }) => isAlive(pid!))).toEqual([]);
}

describe.skipIf(missing('setpriv', 'timeout', 'setsid', 'sleep')).each(executors)(
  'a hostile evaluator run by %s',
  (runner, executorOf) => {
    const rows = hostileEvaluators.filter((hostile) => isTriedHere(runner, hostile));
    const named = (rows: readonly Hostile[]): [string, Hostile][] => rows.map((hostile) => [hostile.name, hostile]);

    async function run(_name: string, hostile: Hostile): Promise<void> {
      const executor = executorOf(evaluator(hostile.evaluator));
      await expectContained(hostile, runner, executor);
      // What it has done to a process that is kept must not harm the next evaluation.
      if (runner === 'warm' && 'answer' in hostile.ends) await expectContained(hostile, runner, executor);
      await executor.idle?.();
    }

    it.concurrent.each(named(rows.filter(({ alone }) => !alone)))('%s', run);
    it.each(named(rows.filter(({ alone }) => alone)))('%s', run);
  },
);

afterAll(() => {
  expect(straysOf()).toEqual([]);
});
