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
  let cpuMs = limits.cpuPercent === undefined ? null : 0;
  const probe: Probe = { missing: undefined, isAwaited: false, readAtMs: undefined, why: 'it failed', ...given };
  let share: GpuShare = unknownGpuShare;
  const hold = new ResourceHold(
    { id: 'one', limits },
    { mayBeStopped: true, pauseAll: () => undefined, resumeAll: () => undefined },
    { cpuMs: () => cpuMs, gpu: () => share, probe },
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
    hold,
    /** What the driver tells now of the evaluation. */
    tells: (told: Partial<GpuShare>) => {
      share = { ...unknownGpuShare, ...told };
      Object.assign(probe, { isAwaited: false, readAtMs: machineNowMs() });
    },
    fails: () => {
      share = unknownGpuShare;
      Object.assign(probe, { isAwaited: false, readAtMs: undefined });
    },
    /** Goes on for so long, with so much of a core for as long as it is let run; its end is told. */
    pass: (ms: number, { cpuPercent = 0 } = {}) => {
      for (let passed = 0; passed < ms; passed += 20) {
        const before = { nowMs: machineNowMs(), pausedMs: hold.pausedMs() };
        vi.advanceTimersByTime(20);
        const ranMs = machineNowMs() - before.nowMs - (hold.pausedMs() - before.pausedMs);
        if (cpuMs !== null) cpuMs += (ranMs * cpuPercent) / 100;
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

  it.each([0, 10_000])('ends at its first look where there is no GPU, also with %i ms to sustain', (sustainMs) => {
    const held = heldTo({ gpuMemoryMb: { ...gpuMemoryMb, sustainMs } }, { missing: 'there is no card' });

    held.pass(20);
    expect(held.log).toEqual([expect.stringMatching(/^0 s: RULE_UNMEASURED, .*there is no card/)]);
  });
});

describe('a rule that only warns', () => {
  const warning = { limit: 50, action: 'warn', sustainMs: 0, whenUnmeasured: 'report' } as const;

  it.each([
    ['its own use', { utilizationPercent: 90 }, "The evaluation's processes used 90 % of a GPU: this only warns."],
    ['the whole device’s', { busiestPercent: 90 }, "how much of that is the evaluation's is not known here: this only"],
  ])('tells %s, once, and pauses nothing', (_, told, sentence) => {
    const held = heldTo({ gpuUtilizationPercent: warning });
    for (let second = 0; second < 5; second++) {
      held.tells(told);
      held.pass(1_000);
    }

    expect(held.messages).toMatchObject([
      {
        type: 'throttled',
        throttling: { action: 'warn', observed: 90, message: expect.stringContaining(sentence) as string },
      },
    ]);
    expect(held.hold.pausedMs()).toBe(0);
  });

  it('ends what is to be measured at all costs', () => {
    const held = heldTo({ gpuUtilizationPercent: { ...warning, whenUnmeasured: 'abort' } });
    held.pass(10_000);

    expect(held.log).toEqual([expect.stringContaining('RULE_UNMEASURED')]);
  });
});

const gpuUtilizationPercent = { limit: 50, action: 'throttle', sustainMs: 0, whenUnmeasured: 'report' } as const;

describe('an evaluation that is held by what a driver tells', () => {
  /** It would use 90 % if it ran all the time; the driver tells so every so often, of the last second. */
  const burning = (held: ReturnType<typeof heldTo>, { everyMs, forMs }: { everyMs: number; forMs: number }): void => {
    for (let passed = 0; passed < forMs; passed += everyMs) {
      held.pass(everyMs);
      held.tells({ utilizationPercent: 90 * (1 - held.hold.pausedSinceMs(machineNowMs() - 1_000) / 1_000) });
    }
  };

  it.each([1_000, 5_000, 9_000])(
    'is given what keeps it below its limit, also where that comes every %i ms',
    (everyMs) => {
      const held = heldTo({ gpuUtilizationPercent });
      held.tells({ utilizationPercent: 90 });
      burning(held, { everyMs, forMs: everyMs });
      burning(held, { everyMs, forMs: everyMs });
      const pausedMs = held.hold.pausedMs();

      burning(held, { everyMs, forMs: 90_000 });
      expect((held.hold.pausedMs() - pausedMs) / 90_000).toBeCloseTo(0.5, 1);
      expect(held.log).toHaveLength(1);
    },
  );

  it('is let go when nothing was told for ten seconds, and held again when it is', () => {
    const held = heldTo({ gpuUtilizationPercent });
    burning(held, { everyMs: 1_000, forMs: 5_000 });
    held.fails();
    held.pass(20_000);
    const pausedMs = held.hold.pausedMs();
    held.pass(60_000);

    expect(held.log).toEqual([
      expect.stringMatching(/^[12](\.\d)? s: throttled/),
      expect.stringMatching(/^15(\.\d)? s: unmeasured/),
    ]);
    expect(held.messages.at(-1)).toMatchObject({
      rule: 'gpuUtilizationPercent',
      why: 'it failed, and the evaluation is not paused for it any more',
    });
    expect(held.hold.pausedMs()).toBe(pausedMs);

    burning(held, { everyMs: 1_000, forMs: 3_000 });
    held.pass(1_000);
    expect(held.log.at(-1)).toContain('throttled');
  });

  it('is not held for long by one figure alone', () => {
    const held = heldTo({ gpuUtilizationPercent: { ...gpuUtilizationPercent, sustainMs: 5_000 } });
    for (const utilizationPercent of [10, 90, 10]) {
      held.tells({ utilizationPercent });
      held.pass(9_000);
    }

    expect(held.log).toEqual([]);
  });

  it('is not told of others because of what they did before', () => {
    const held = heldTo({ gpuUtilizationPercent: { ...gpuUtilizationPercent, sustainMs: 3_000 } });
    for (let second = 0; second < 20; second++) {
      held.tells(second % 3 === 0 ? { utilizationPercent: 10, busiestPercent: 90 } : { busiestPercent: 90 });
      held.pass(1_000);
    }

    expect(held.log).toEqual([]);
  });
});

describe('an evaluation that is paused for other reasons', () => {
  it('is held by what it needs while it runs, however long it is paused', () => {
    const held = heldTo({ cpuPercent: { limit: 40, action: 'throttle', sustainMs: 1_000, whenUnmeasured: 'abort' } });
    for (let pair = 0; pair < 5; pair++) {
      held.pass(3_000, { cpuPercent: 100 });
      held.hold.pace(pair, 3_000);
      held.pass(3_000, { cpuPercent: 100 });
    }

    expect(held.log.filter((line) => !line.includes('paced'))).toEqual([
      expect.stringMatching(/^1(\.\d)? s: throttled/),
    ]);
  });

  it('is ended by what it has in memory meanwhile', () => {
    const held = heldTo({ gpuMemoryMb });
    held.hold.pace(1, 60_000);
    held.pass(2_000);
    held.tells({ memoryMb: 5_000 });
    held.pass(2_000);

    expect(held.log.at(-1)).toContain('gpuMemoryMb is broken');
  });
});
