import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/events/index.ts';
import { createJob, processExecutor, type HardLimits, type Telemetry } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { missing } from './needs.ts';

const roomy = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };
const held = { limit: 50, action: 'throttle', sustainMs: 0, whenUnmeasured: 'report' } as const;

/** A driver's program that prints what its files hold, and does as they tell: the supervisor finds it on the path. */
const script = `#!/bin/sh
cd "$(dirname "$0")" || exit 1
echo $PPID >asker
[ -e hang ] && exec sleep 100
[ -e slow ] && sleep 0.5
[ -e fail ] && { echo 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.'; exit 9; }
case "$*" in
  *query-gpu*) cat devices ;;
  *query-compute-apps*) cat memory ;;
  pmon*) cat use ;;
esac
`;

describe.skipIf(missing('setpriv'))('a GPU whose driver answers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-gpu-'));
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
  };
  beforeAll(() => {
    write('nvidia-smi', script);
    chmodSync(join(folder, 'nvidia-smi'), 0o755);
    // Before the first executor: the supervisor takes over its path.
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What the driver tells of a process, or of the device alone. */
  const drives = (pid: number, utilization: string, memory: string): void => {
    write('devices', `0, GPU-a, ${utilization}, ${memory}\n`);
    write('memory', `${pid}, GPU-a, ${memory}\n`);
    write('use', `# gpu pid type sm mem command\n# Idx # C/G % % name\n    0 ${pid} C ${utilization} 1 node\n`);
  };

  /** An evaluation that burns until it is told to stop; `see` hears of all that it tells. */
  const watched = async (
    limits: HardLimits,
    see: (told: Telemetry, facts: { readonly pid: number; readonly stop: () => void }) => void,
  ) => {
    const telemetry: Telemetry[] = [];
    let pid = 0;
    const job = createJob({
      input: {},
      limits: { ...roomy, ...limits },
      telemetry: {
        next: (each: Telemetry) => {
          telemetry.push(each);
          if (each.type === 'started') pid = each.pid ?? 0;
          see(each, { pid, stop: () => job.abort('seen') });
        },
      },
    });
    const error: unknown = await firstValueFrom(processExecutor(evaluator('burns'))(job)).catch(
      (thrown: unknown) => thrown,
    );
    const usage = telemetry.flatMap((each) => (each.type === 'usage' ? [each.usage] : []))[0];
    return { error, usage, telemetry };
  };
  const gpuOf = ({ gpuUtilizationPercent, gpuMemoryMb }: Sample) => [gpuUtilizationPercent, gpuMemoryMb];

  // Its first answer takes longer than the rule waits: the evaluation was ended.
  it('is waited for where it is asked for the first time, also by who is to be measured at all costs', async () => {
    drives(1, '0', '0');
    write('slow', '');
    const gpuMemoryMb = { ...held, limit: 4_000, action: 'abort', whenUnmeasured: 'abort' } as const;
    const { error, telemetry } = await watched({ gpuMemoryMb }, (told, { stop }) => {
      if (told.type === 'sample' && told.gpuMemoryMb !== null) stop();
    });
    rmSync(join(folder, 'slow'));

    expect(error).toMatchObject({ kind: 'cancelled' });
    expect(telemetry.find(({ type }) => type === 'sample')).toMatchObject({ gpuMemoryMb: null });
  });

  it('is measured: what the evaluation’s own processes have of it', async () => {
    drives(1, '0', '0');
    const seen: unknown[] = [];
    const { telemetry } = await watched({}, (told, { pid, stop }) => {
      if (told.type === 'started') drives(pid, '63', '512');
      if (told.type !== 'sample') return;
      seen.push(gpuOf(told));
      if (told.gpuUtilizationPercent === 63) stop();
    });

    expect(seen.at(-1)).toEqual([63, 512]);
    expect(telemetry.filter(({ type }) => type === 'unmeasured')).toEqual([]);
  });

  it('is held to its limit by pauses', async () => {
    const { telemetry, usage } = await watched({ gpuUtilizationPercent: held }, (told, { pid, stop }) => {
      if (told.type === 'started') drives(pid, '90', '512');
      if (told.type === 'throttled') setTimeout(stop, 400);
    });

    const [throttled] = telemetry.flatMap((each) => (each.type === 'throttled' ? [each.violation] : []));
    expect(throttled).toMatchObject({ rule: 'gpuUtilizationPercent', limit: 50, observed: 90, action: 'throttle' });
    expect(throttled?.message).toContain('90 % of a GPU');
    expect(usage?.pausedMs).toBeGreaterThan(0);
  });

  it('ends the evaluation that holds too much of its memory', async () => {
    const gpuMemoryMb = { ...held, limit: 100, action: 'abort' } as const;
    const { error } = await watched({ gpuMemoryMb }, (told, { pid }) => {
      if (told.type === 'started') drives(pid, '5', '512');
    });

    expect(error).toMatchObject({
      kind: 'violation',
      violation: { rule: 'gpuMemoryMb', limit: 100, observed: 512, unit: 'MB', action: 'abort' },
    });
    expect((error as Error).message).toContain('512 MB of GPU memory');
  });

  it.each(['throttle', 'warn'] as const)('only warns where it tells of the whole device alone: %s', async (action) => {
    const { telemetry, usage } = await watched({ gpuUtilizationPercent: { ...held, action } }, (told, { stop }) => {
      if (told.type === 'started') {
        write('devices', '0, GPU-a, 95, 512\n');
        write('memory', '');
        write('use', 'Not supported on the device(s)\n');
      }
      if (told.type === 'throttled') stop();
    });

    const [warned] = telemetry.flatMap((each) => (each.type === 'throttled' ? [each.violation] : []));
    expect(warned).toMatchObject({ rule: 'gpuUtilizationPercent', observed: 95, action: 'warn' });
    expect(warned?.message).toContain("how much of that is the evaluation's is not known here");
    expect(usage?.pausedMs).toBe(0);
  });

  // Whoever writes the rule heard nothing of it.
  it('that does not tell its memory is said so, of whoever has a rule about that', async () => {
    const gpuMemoryMb = { ...held, limit: 100, action: 'abort' } as const;
    const { telemetry } = await watched({ gpuMemoryMb }, (told, { pid, stop }) => {
      if (told.type === 'started') drives(pid, '20', '[N/A]');
      if (told.type === 'sample' && told.gpuUtilizationPercent === 20) stop();
    });

    expect(telemetry).toContainEqual({
      ...{ type: 'unmeasured', rule: 'gpuMemoryMb' },
      why: 'the driver does not tell it',
    });
  });

  // It was asked nothing for half a minute: whoever was to be measured at all costs was ended.
  it('is asked again soon where what asks it was killed', async () => {
    const gpuUtilizationPercent = { ...held, whenUnmeasured: 'abort' } as const;
    const seen: unknown[] = [];
    const { error } = await watched({ gpuUtilizationPercent }, (told, { pid, stop }) => {
      if (told.type === 'started') drives(pid, '20', '512');
      if (told.type !== 'sample') return;
      if (told.gpuUtilizationPercent === 20 && seen.length === 0) {
        seen.push('killed');
        process.kill(Number(readFileSync(join(folder, 'asker'), 'utf8')), 'SIGKILL');
        drives(pid, '40', '512');
      }
      if (told.gpuUtilizationPercent === 40) stop();
    });

    expect(seen).toEqual(['killed']);
    expect(error).toMatchObject({ kind: 'cancelled' });
  });

  it('that dies in the middle is unknown from then on, and the evaluation goes on', async () => {
    const seen: unknown[] = [];
    const { error } = await watched({ gpuUtilizationPercent: held }, (told, { pid, stop }) => {
      if (told.type === 'started') drives(pid, '20', '512');
      if (told.type !== 'sample') return;
      if (told.gpuUtilizationPercent === 20) {
        seen.push('measured');
        write('fail', '');
      } else if (seen.length > 0) {
        seen.push(gpuOf(told));
        stop();
      }
    });

    expect(seen.at(-1)).toEqual([null, null]);
    expect(error).toMatchObject({ kind: 'cancelled' });
  });

  it('that fails ends only the evaluation that is to be measured at all costs', async () => {
    const gpuUtilizationPercent = { ...held, sustainMs: 1_500, whenUnmeasured: 'abort' } as const;
    const { error } = await watched({ gpuUtilizationPercent }, () => undefined);

    expect(error).toMatchObject({ kind: 'rejected', code: 'RULE_UNMEASURED' });
    expect((error as Error).message).toContain('"gpuUtilizationPercent" cannot be measured here');
  });

  it('that hangs holds up nothing', async () => {
    write('hang', '');
    const samples: unknown[] = [];
    const { error } = await watched({ gpuUtilizationPercent: held }, (told, { stop }) => {
      if (told.type === 'sample') samples.push(gpuOf(told));
      if (samples.length === 20) stop();
    });

    expect(error).toMatchObject({ kind: 'cancelled' });
    expect(samples.at(-1)).toEqual([null, null]);
  });
});
