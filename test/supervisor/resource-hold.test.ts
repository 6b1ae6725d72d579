import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unknownGpuShare, type GpuShare } from '../../src/probes/index.ts';
import { ResourceHold } from '../../src/supervisor/resource-hold.ts';
import type { Readings } from '../../src/supervisor/readings.ts';
import { machineNowMs, type Limits, type SupervisorToHost } from '../../src/wire/index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Probe = { -readonly [Key in keyof Readings['probe']]: Readings['probe'][Key] };

/** An evaluation that is looked at every 20 ms, beside a driver that tells what it is made to tell. */
function heldTo(limits: Limits, given: Partial<Probe> = {}) {
  const began = machineNowMs();
  const now = (): number => machineNowMs() - began;
  const log: string[] = [];
  const messages: SupervisorToHost[] = [];
  const probe: Probe = { missing: undefined, isAwaited: false, readAtMs: undefined, why: 'it failed', ...given };
  let share: GpuShare = unknownGpuShare;
  const hold = new ResourceHold(
    { id: 'one', limits },
    { mayBeStopped: true, pauseAll: () => undefined, resumeAll: () => undefined },
    { cpuMs: () => null, gpu: () => share, probe },
    (message) => {
      const seconds = Math.round(now() / 100) / 10;
      messages.push(message);
      log.push(`${seconds} s: ${message.type}`);
      return true;
    },
  );
  hold.begin();
  return {
    log,
    messages,
    /** What the driver tells now of the evaluation. */
    tells: (told: Partial<GpuShare>) => {
      share = { ...unknownGpuShare, ...told };
      Object.assign(probe, { isAwaited: false, readAtMs: machineNowMs() });
    },
    fails: () => {
      share = unknownGpuShare;
      Object.assign(probe, { isAwaited: false, readAtMs: undefined });
    },
    /** Goes on for so long; its end is told. */
    pass: (ms: number) => {
      for (let passed = 0; passed < ms; passed += 20) {
        vi.advanceTimersByTime(20);
        const end = hold.look(machineNowMs());
        if (end?.kind === 'failed') log.push(`${Math.round(now() / 100) / 10} s: ${end.code}, ${end.message}`);
        if (end?.kind === 'broken') log.push(`${Math.round(now() / 100) / 10} s: ${end.broken.rule} is broken`);
        if (end !== undefined) return;
      }
    },
  };
}

const gpuMemoryMb = { limit: 4_000, action: 'abort', sustainMs: 0, whenUnmeasured: 'abort' } as const;

describe('an evaluation that is worth nothing without its GPU', () => {
  it('goes on while the driver is asked for the first time', () => {
    const held = heldTo({ gpuMemoryMb }, { isAwaited: true });

    held.pass(13_000);
    held.tells({ memoryMb: 100 });
    held.pass(3_000);
    expect(held.log).toEqual([]);
  });

  it('goes on where the driver fails once, and ends where it fails for longer', () => {
    const held = heldTo({ gpuMemoryMb });
    held.tells({ memoryMb: 100 });
    held.pass(1_000);
    held.fails();
    held.pass(3_000);
    held.tells({ memoryMb: 100 });
    held.pass(1_000);
    expect(held.log).toEqual([]);

    held.fails();
    held.pass(10_000);
    expect(held.log).toEqual([
      expect.stringMatching(
        /^10(\.\d)? s: RULE_UNMEASURED, The rule "gpuMemoryMb" cannot be measured here \(it failed\)/,
      ),
    ]);
  });

  it('ends at once where there is no GPU', () => {
    const held = heldTo({ gpuMemoryMb }, { missing: 'there is no card' });

    held.pass(2_000);
    expect(held.log).toEqual([expect.stringMatching(/^1 s: RULE_UNMEASURED, .*there is no card/)]);
  });
});
