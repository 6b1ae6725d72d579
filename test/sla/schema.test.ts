import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import { hardLimits, resolveSla, slaSchema } from '../../src/sla/index.ts';

const what = 'the SLA of "vs-random"';

const defaults = {
  evaluationTimeMs: { limit: 1_800_000, action: 'abort' },
  startTimeMs: { limit: 30_000, action: 'abort' },
  itemTimeMs: { limit: 300_000, action: 'abort' },
  memoryMb: { limit: 1_000, action: 'abort' },
  gpuUtilizationPercent: { limit: 80, action: 'throttle', sustainMs: 10_000, whenUnmeasured: 'report' },
  trainingImpactPercent: { limit: 5, action: 'throttle' },
};

describe('resolveSla', () => {
  it.each([[undefined], [{}], [{ memoryMb: undefined }]])('gives %o the defaults', (input) => {
    const { sla, written } = resolveSla(input, what);
    expect(sla).toEqual(defaults);
    expect([...written]).toEqual([]);
  });

  it('makes every rule whole, and tells which were written', () => {
    const { sla, written } = resolveSla(
      { itemTimeMs: 5, memoryMb: { limit: 0.5, action: 'warn' }, evaluationTimeMs: { limit: 9 } },
      what,
    );
    expect(sla).toEqual({
      evaluationTimeMs: { limit: 9, action: 'abort' },
      startTimeMs: { limit: 30_000, action: 'abort' },
      itemTimeMs: { limit: 5, action: 'abort' },
      memoryMb: { limit: 0.5, action: 'warn' },
      gpuUtilizationPercent: defaults.gpuUtilizationPercent,
      trainingImpactPercent: defaults.trainingImpactPercent,
    });
    expect([...written]).toEqual(['evaluationTimeMs', 'itemTimeMs', 'memoryMb']);
  });

  it('takes what it gave', () => {
    const { sla } = resolveSla({ itemTimeMs: { limit: 7, action: 'warn' } }, what);
    expect(resolveSla(sla, what).sla).toEqual(sla);
  });

  it.each([
    [
      { itemTimeMs: '30m' },
      '"itemTimeMs" must be a number above 0 (milliseconds), but "30m" came: give a plain number',
    ],
    [{ itemTimeMs: -1 }, '"itemTimeMs" must be a number above 0 (milliseconds), but -1 came'],
    [{ itemTimeMs: 0 }, '"itemTimeMs" must be a number above 0 (milliseconds), but 0 came'],
    [{ itemTimeMs: NaN }, '"itemTimeMs" must be a number above 0 (milliseconds), but NaN came'],
    [{ itemTimeMs: Infinity }, '"itemTimeMs" must be a number above 0 (milliseconds), but Infinity came'],
    [{ itemTimeMs: null }, '"itemTimeMs" must be a number above 0 (milliseconds), but null came'],
    [{ itemTimeMs: {} }, '"itemTimeMs.limit" must be a number above 0 (milliseconds), but undefined came'],
    [
      { memoryMb: '1GB' },
      '"memoryMb" must be a number above 0 (MB of 2^20 bytes), but "1GB" came: give a plain number',
    ],
    [{ memoryMb: { limit: -5 } }, '"memoryMb.limit" must be a number above 0 (MB of 2^20 bytes), but -5 came'],
    [{ memoryMb: { limit: 5, action: 'throttle' } }, '"memoryMb.action" must be "abort" or "warn"'],
    [{ startTimeMs: { limit: 5, action: 'warn' } }, '"startTimeMs.action" must be "abort"'],
    [{ gpuMemoryMb: { limit: 5, action: 'throttle' } }, '"gpuMemoryMb.action" must be one of "abort", "warn"'],
    [{ gpuUtilizationPercent: 0 }, '"gpuUtilizationPercent" must be a number above 0 (percent of one GPU), but 0 came'],
    [{ cpuPercent: '50%' }, '"cpuPercent" must be a number above 0 (percent of one core), but "50%" came'],
    [{ cpuPercent: { limit: 5, action: 'slow' } }, '"cpuPercent.action" must be one of "throttle", "warn", "abort"'],
    [
      { cpuPercent: { limit: 5, sustainMs: -1 } },
      '"cpuPercent.sustainMs" must be a number from 0 on (milliseconds), but -1 came',
    ],
  ])('refuses %o in a sentence', (input, sentence) => {
    expect(() => resolveSla(input as never, what)).toThrow(ConfigurationError);
    expect(() => resolveSla(input as never, what)).toThrow(`${what}: ${sentence}`);
  });

  it.each([
    [{ itemTimMs: 5 }, `${what} has an unknown key "itemTimMs": did you mean "itemTimeMs"?`],
    [{ memory: 5 }, `${what} has an unknown key "memory": did you mean "memoryMb"?`],
    [
      { xyz: 5 },
      `${what} has an unknown key "xyz": known are evaluationTimeMs, startTimeMs, itemTimeMs, memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb, trainingImpactPercent`,
    ],
    [
      { memoryMb: { limit: 5, sustainMs: 1 } },
      `${what} has an unknown key "memoryMb.sustainMs": known are limit, action`,
    ],
    [{ memoryMb: { limit: 5, whenUnmeasured: 'abort' } }, `${what} has an unknown key "memoryMb.whenUnmeasured"`],
    [
      { trainingImpactPercent: 100 },
      '"trainingImpactPercent" must be a number above 0 and below 100 (percent of the training’s speed), but 100 came',
    ],
    [30, 'object, but 30 came'],
  ])('refuses %o', (input, sentence) => {
    expect(() => resolveSla(input as never, what)).toThrow(sentence);
  });

  it.each([
    [50, { limit: 50, action: 'throttle', sustainMs: 1_000, whenUnmeasured: 'report' }],
    [{ limit: 50 }, { limit: 50, action: 'throttle', sustainMs: 1_000, whenUnmeasured: 'report' }],
    [
      { limit: 50, action: 'abort', sustainMs: 0, whenUnmeasured: 'abort' },
      { limit: 50, action: 'abort', sustainMs: 0, whenUnmeasured: 'abort' },
    ],
  ])('makes a rule about what is sampled whole: %o', (cpuPercent, whole) => {
    const { sla, written } = resolveSla({ cpuPercent } as never, what);
    expect(sla).toEqual({ ...defaults, cpuPercent: whole });
    expect([...written]).toEqual(['cpuPercent']);
    expect(resolveSla(sla, what).sla).toEqual(sla);
  });

  it.each([
    [3, { limit: 3, action: 'throttle' }],
    [{ limit: 3 }, { limit: 3, action: 'throttle' }],
    [{ limit: 99.9, action: 'warn' } as const, { limit: 99.9, action: 'warn' }],
    [{ limit: 3, action: 'abort' } as const, { limit: 3, action: 'abort' }],
  ])('makes the rule about the training whole: %o', (trainingImpactPercent, whole) => {
    expect(resolveSla({ trainingImpactPercent }, what).sla.trainingImpactPercent).toEqual(whole);
  });
});

describe('slaSchema', () => {
  it.each([
    [{ itemTimMs: 5 }, 'unknown key "itemTimMs": did you mean "itemTimeMs"?'],
    [{ itemTimeMs: '30m' }, 'must be a number above 0 (milliseconds), or { limit, action }'],
  ])('says what is wrong with %o by itself too', (input, sentence) => {
    expect(slaSchema.safeParse(input).error?.issues[0]?.message).toContain(sentence);
  });
});

describe('hardLimits', () => {
  it('gives the limits of the rules that abort, and whole those about what is sampled', () => {
    const gpuUtilizationPercent = { limit: 80, action: 'warn' } as const;
    const input = { itemTimeMs: { limit: 7, action: 'warn' }, memoryMb: 500, gpuUtilizationPercent } as const;
    expect(hardLimits(slaSchema.parse(input))).toEqual({
      evaluationTimeMs: 1_800_000,
      startTimeMs: 30_000,
      memoryMb: 500,
      gpuUtilizationPercent: { ...gpuUtilizationPercent, sustainMs: 10_000, whenUnmeasured: 'report' },
    });
  });

  // What only warned was judged by samples alone, which tell neither of the whole device nor that nothing is known.
  it.each(['throttle', 'abort', 'warn'])('has what is sampled whole, where its action is %s', (action) => {
    const whole = { limit: 50, action, sustainMs: 7, whenUnmeasured: 'report' };
    expect(hardLimits(slaSchema.parse({ cpuPercent: whole as never })).cpuPercent).toEqual(whole);
  });
});
