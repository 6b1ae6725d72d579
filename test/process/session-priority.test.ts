import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { createJob, processExecutor, type Telemetry } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { missing } from './needs.ts';

const roomy = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };
const weighsSessions = existsSync('/proc/self/autogroup');
const fileOf = (pid: number | 'self'): string => `/proc/${pid}/autogroup`;
const priorityOf = (pid: number | 'self'): number =>
  Number(/nice (-?\d+)/.exec(readFileSync(fileOf(pid), 'latin1'))?.[1]);

describe.skipIf(missing('setpriv', 'sleep') || !weighsSessions)('a session that an evaluation begins', () => {
  it('has the lowest priority, also when it was raised; the training’s own session has what it had', async () => {
    const own = priorityOf('self');
    let onChild: (pid: number) => void = () => undefined;
    const child = new Promise<number>((resolve) => (onChild = resolve));
    const job = createJob({
      input: {},
      limits: roomy,
      graceMs: 10_000,
      telemetry: {
        next: (each: Telemetry) => {
          if (each.type === 'progress') onChild(Number(each.note));
        },
      },
    });
    let outcome: unknown = 'none yet';
    const ended = firstValueFrom(processExecutor(evaluator('begins-a-session'))(job))
      .catch((error: unknown) => error)
      .then((each) => (outcome = each));
    const pid = await child;
    const isLow = (): void => {
      expect({ priority: priorityOf(pid), outcome }).toEqual({ priority: 19, outcome: 'none yet' });
    };

    await vi.waitFor(isLow, { timeout: 20_000, interval: 10 });
    // Without root the system takes one change in a tenth of a second.
    await vi.waitFor(
      () => {
        writeFileSync(fileOf(pid), '0');
      },
      { timeout: 20_000, interval: 10 },
    );
    await vi.waitFor(isLow, { timeout: 20_000, interval: 10 });

    expect(priorityOf('self')).toBe(own);
    job.abort('enough');
    await ended;
  });
});
