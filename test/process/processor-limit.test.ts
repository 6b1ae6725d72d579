import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { firstValueFrom, ReplaySubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  commandExecutor,
  createJob,
  processExecutor,
  type HardLimits,
  type Telemetry,
} from '../../src/executors/index.ts';
import { atEpochs, evaluation, Trainer } from '../../src/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';
import { commands, missingPython, python } from './commands/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { hasControlGroups, missing } from './needs.ts';

const roomy = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };
/** Below what anything that burns gets at the lowest priority, also where every core is busy. */
const little = { limit: 1, action: 'throttle', sustainMs: 0, whenUnmeasured: 'report' } as const;

/** The state of a process as the system tells it: `T` is stopped, `R` runs. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '';
}

function isNoTimeout(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'latin1') !== 'timeout\n';
}

describe.skipIf(missing('setpriv'))('a limit of the processor', () => {
  /** Burns, and is asked to stop by `until`. */
  const burning = (input: object, limits: HardLimits, until: (told: Telemetry, stop: () => void) => void) => {
    const telemetry: Telemetry[] = [];
    const job = createJob({
      input,
      limits: { ...roomy, ...limits },
      graceMs: 10_000,
      telemetry: {
        next: (each: Telemetry) => {
          telemetry.push(each);
          until(each, () => job.abort('enough'));
        },
      },
    });
    const ended = firstValueFrom(processExecutor(evaluator('burns'))(job)).catch((error: unknown) => error);
    return { job, ended, telemetry };
  };

  it('is held by pauses, which are told, and what is paused still hears that it is to stop', async () => {
    const { ended, telemetry } = burning({}, { cpuPercent: little }, ({ type }, stop) => {
      if (type === 'throttled') setTimeout(stop, 400);
    });

    expect(await ended).toMatchObject({ kind: 'cancelled' });
    const [throttled] = telemetry.flatMap((each) => (each.type === 'throttled' ? [each.violation] : []));
    expect(throttled).toMatchObject({ rule: 'cpuPercent', limit: 1, unit: '%', action: 'throttle' });
    expect(throttled?.observed).toBeGreaterThan(1);
    expect(told(telemetry, 'partial').at(-1)?.value).toEqual({ stopped: true });
    expect(told(telemetry, 'usage')[0]?.usage.pausedMs).toBeGreaterThan(0);
  });

  it('stops all that the evaluation has started, and lets it run again', async () => {
    const seen = new Set<string>();
    const { job, ended, telemetry } = burning({ withChild: true }, { cpuPercent: little }, () => undefined);
    while (!(seen.has('TT') && seen.has('running again'))) {
      await wait(5);
      // Its last resort runs on: it has nothing to do but to end in time.
      const states = processesMarked(evaluationMark, job.id).filter(isNoTimeout).map(stateOf);
      if (!telemetry.some(({ type }) => type === 'throttled') || states.length < 2) continue;
      if (states.every((state) => state === 'T')) seen.add('TT');
      else if (seen.has('TT') && states.every((state) => state !== 'T')) seen.add('running again');
    }
    job.abort('seen');
    await ended;

    expect(processesMarked(evaluationMark, job.id)).toEqual([]);
  });

  it('is let go when the evaluation needs no more', async () => {
    const limits = { cpuPercent: { ...little, limit: 2 } };
    const { ended, telemetry } = burning({ burnMs: 700 }, limits, ({ type }, stop) => {
      if (type === 'recovered') stop();
    });

    await ended;

    expect(telemetry.map(({ type }) => type).filter((type) => type === 'throttled' || type === 'recovered')).toEqual([
      'throttled',
      'recovered',
    ]);
  });

  it('ends the evaluation where its action is abort', async () => {
    const limits = { ...roomy, cpuPercent: { ...little, action: 'abort' } } as const;
    const { error } = await execute(processExecutor(evaluator('burns')), { limits });

    expect(error).toMatchObject({
      kind: 'violation',
      violation: { rule: 'cpuPercent', limit: 1, unit: '%', action: 'abort' },
    });
    expect(error?.message).toMatch(/used \d+ % of a core, the limit is 1 % \(cpuPercent\)/);
  });

  it('only warns where its action is warn', async () => {
    const limits = { cpuPercent: { ...little, action: 'warn' } } as const;
    const { ended, telemetry } = burning({}, limits, ({ type }, stop) => {
      if (type === 'throttled') stop();
    });

    expect(await ended).toMatchObject({ kind: 'cancelled' });
    expect(told(telemetry, 'throttled' as never)).toMatchObject([
      { violation: { rule: 'cpuPercent', action: 'warn' } },
    ]);
    expect(told(telemetry, 'usage')[0]?.usage.pausedMs).toBe(0);
  });

  it('is a rule of the SLA: its breach and its end are told in the run, and the breaker counts neither', async () => {
    const trainer = new Trainer({ name: 'throttled', epochs: 2, journal: false });
    const seen$ = new ReplaySubject<boolean>(1);
    const burns = evaluation({
      name: 'burns',
      when: atEpochs([1]),
      executor: processExecutor(evaluator('burns')),
      input: () => ({ burnMs: 700 }),
      sla: { cpuPercent: { limit: 2, sustainMs: 0 } },
    });
    const events: string[] = [];
    trainer.register(burns);
    trainer.events$.subscribe((event) => {
      if (event.type === 'sla:violation' || event.type === 'sla:recovered')
        events.push(`${event.type} ${event.violation.rule} ${event.violation.action}`);
      if (event.type === 'sla:recovered') seen$.next(true);
    });
    const { evaluations } = await trainer.fit(async ({ epoch }) => {
      if (epoch === 2) await firstValueFrom(seen$);
      if (epoch === 2) trainer.stop('seen');
      return {};
    });

    expect(events).toEqual(['sla:violation cpuPercent throttle', 'sla:recovered cpuPercent throttle']);
    expect(evaluations).toMatchObject({ requested: 1, violated: 0 });
    expect(burns.breaker?.metrics.failedCalls).toBe(0);
  });
});

// It stood still with the first of them: whatever such a program took was neither told nor held.
describe.skipIf(missingPython())('the processor time of children for which nobody waits', () => {
  it('is told in full where a control group knows it, and up to the last look elsewhere', async () => {
    const executor = commandExecutor([python, join(commands, 'waits_for_nobody.py')]);
    const { telemetry } = await execute(executor, { limits: roomy });

    const cpuMs = told(telemetry, 'usage')[0]?.usage.cpuMs ?? 0;
    expect(cpuMs).toBeGreaterThan(hasControlGroups() ? 1_900 : 700);
  });
});
