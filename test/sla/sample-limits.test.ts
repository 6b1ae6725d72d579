import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import type { Sample } from '../../src/events/index.ts';
import {
  maxCpu,
  maxGpuMemory,
  maxGpuUtilization,
  maxMemory,
  type Safeguard,
  type SampleLimitOptions,
} from '../../src/sla/index.ts';
import { marbles } from '../../src/testing/index.ts';

type Limit = (limit: number, options?: SampleLimitOptions) => Safeguard;

/** Each with the rule that it tells, the unit, and the field that it reads. */
const limits: readonly [string, Limit, string, string, keyof Sample][] = [
  ['maxMemory', maxMemory, 'memoryMb', 'MB', 'memoryMb'],
  ['maxCpu', maxCpu, 'cpuPercent', '%', 'cpuPercent'],
  ['maxGpuMemory', maxGpuMemory, 'gpuMemoryMb', 'MB', 'gpuMemoryMb'],
  [
    'maxGpuUtilization',
    (limit, options) => maxGpuUtilization(limit, typeof options === 'string' ? options : { sustainMs: 0, ...options }),
    'gpuUtilizationPercent',
    '%',
    'gpuUtilizationPercent',
  ],
];

describe.each(limits)('%s(5)', (_, limited, rule, unit, field) => {
  const read = (value: number | null): Partial<Sample> => ({ [field]: value });

  it.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['one at the limit', '-5-|', '---|'],
    ['each breach once', '-3-6-7-4-8-8-|', '---v-----v---|'],
    ['what was not measured, which ends no breach', '-6-n-7-|', '-v-----|'],
    ['a true 0, which ends one', '-6-0-7-|', '-v---v-|'],
    ['an error of the source', '-6-#', '-v-#'],
  ])('takes %s', (_case, told, expected) => {
    marbles(({ samples, expectViolations }) => {
      const guarded = { samples$: samples(told, read) };
      expectViolations(limited(5), guarded).toBe(expected, { v: { rule, limit: 5, unit, action: 'abort' } });
    });
  });

  it('needs the limit to be broken for as long as it is told', () => {
    marbles(({ samples, expectViolations }) => {
      const guarded = { samples$: samples('-9-9-n-9-2-9-9-9-|', read) };
      expectViolations(limited(5, { sustainMs: 4, action: 'warn' }), guarded).toBe('-------w-------w-|', {
        w: { rule, observed: 9 },
      });
    });
  });

  it('leaves the samples when its subscriber leaves', () => {
    marbles(({ samples, expectViolations, expectSubscriptions }) => {
      const samples$ = samples('-6-3-7', read);
      expectViolations(limited(5), { samples$ }, '^--!').toBe('-v-');
      expectSubscriptions(samples$).toBe('^--!');
    });
  });

  it('says in its sentence what was observed, and of what', () => {
    marbles(({ samples, expectViolations }) => {
      const guarded = { name: 'vs-random', samples$: samples('-6', read) };
      const message = expect.stringMatching(
        new RegExp(`^"vs-random" .*\\b6 .*, and its limit is 5 ${unit} \\(${rule}\\)$`),
      ) as string;
      expectViolations(limited(5), guarded).toBe('-v', { v: { message } });
    });
  });

  it.each([0, -1, NaN, '1GB'])('refuses a limit of %s', (limit) => {
    expect(() => limited(limit as number)).toThrow(`takes a limit in ${unit}, a finite number above 0`);
  });

  it.each([
    [{ sustainMs: -1 }, '"sustainMs" must be milliseconds, a finite number from 0 on, but -1 came'],
    [{ sustainMs: NaN }, '"sustainMs" must be milliseconds, a finite number from 0 on, but NaN came'],
    [{ action: 'explode' }, `"action" must be 'abort' or 'warn', but "explode" came`],
    [{ acton: 'warn' }, 'have an unknown key "acton": did you mean "action"?'],
    ['warn', 'must be an object, but "warn" came'],
  ])('refuses the options %j', (options, sentence) => {
    expect(() => limited(5, options as SampleLimitOptions)).toThrow(ConfigurationError);
    expect(() => limited(5, options as SampleLimitOptions)).toThrow(sentence);
  });
});

describe('maxGpuUtilization', () => {
  it('takes ten seconds above its limit unless it is told another time', () => {
    marbles(({ samples, expectViolations }) => {
      const busy = (percent: number | null) => ({ gpuUtilizationPercent: percent });
      for (const options of [undefined, {}, { sustainMs: undefined } as unknown as SampleLimitOptions])
        expectViolations(maxGpuUtilization(5, options), { samples$: samples('9 9998ms 9 9|', busy) }).toBe(
          '- 9998ms - v|',
          { v: { observed: 9 } },
        );
    });
  });
});
