import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nearMatch, parseOptions } from '../../src/errors/index.ts';

const schema = z.strictObject({
  limitMs: z.number().positive().optional().describe('a number above 0 (milliseconds)'),
  mode: z.enum(['max', 'min']).optional(),
  rule: z
    .union([z.number(), z.strictObject({ limit: z.number(), action: z.enum(['warn', 'abort']).optional() })])
    .optional()
    .describe('a number, or { limit, action }'),
  args: z.array(z.string().min(1).describe('text that is not empty')).optional().describe('an array of texts'),
  rules: z.array(z.strictObject({ limit: z.number() })).optional(),
});
const parse = (value: unknown) => () => parseOptions(schema, value, 'The options of "x"');

describe('options that are wrong give one sentence with the key, what was expected, and what came', () => {
  it.each([
    [{ limitMs: -1 }, 'The options of "x": "limitMs" must be a number above 0 (milliseconds), but -1 came'],
    [{ limitMs: NaN }, 'The options of "x": "limitMs" must be a number above 0 (milliseconds), but NaN came'],
    [{ limitMs: null }, 'The options of "x": "limitMs" must be a number above 0 (milliseconds), but null came'],
    [{ mode: 'best' }, 'The options of "x": "mode" must be one of "max", "min", but "best" came'],
    [{ limtMs: 1 }, 'The options of "x" have an unknown key "limtMs": did you mean "limitMs"?'],
    [{ zebra: 1 }, 'The options of "x" have an unknown key "zebra": known are limitMs, mode, rule, args, rules'],
    [
      { rule: { limit: 1, acton: 'warn' } },
      'The options of "x" have an unknown key "rule.acton": did you mean "action"?',
    ],
    [{ args: 'a' }, 'The options of "x": "args" must be an array of texts, but "a" came'],
    [{ args: ['a', ''] }, 'The options of "x": "args[1]" must be text that is not empty, but "" came'],
    [{ args: [null] }, 'The options of "x": "args[0]" must be text that is not empty, but null came'],
    [{ rules: [{ limit: 'a' }] }, 'The options of "x": "rules[0].limit" must be a number, but "a" came'],
    [{ rules: [{ limit: 1 }, {}] }, 'The options of "x": "rules[1].limit" must be a number, but undefined came'],
    [
      { rules: [{ limit: 1 }, { limt: 1 }] },
      'The options of "x" have an unknown key "rules[1].limt": did you mean "limit"?',
    ],
    [
      { rules: [{ limit: 1, limt: 1 }] },
      'The options of "x" have an unknown key "rules[0].limt": did you mean "limit"?',
    ],
    [7, 'The options of "x" must be an object, but 7 came'],
  ])('%o', (value, message) => {
    expect(parse(value)).toThrow(message);
  });

  it('a unit in a number is met with what to do', () => {
    expect(parse({ limitMs: '30m' })).toThrow(/"30m" came: give a plain number in the unit that the key names/);
  });

  it('what is right is given back', () => {
    expect(parse({ limitMs: 3, rule: { limit: 1 } })()).toEqual({ limitMs: 3, rule: { limit: 1 } });
  });
});

describe('the near match', () => {
  it.each([
    ['itemTimeMS', 'itemTimeMs'],
    ['memory', 'memoryMb'],
    ['evalutionTimeMs', 'evaluationTimeMs'],
    ['xyz', undefined],
  ])('of %s is %s', (word, near) => {
    expect(nearMatch(word, ['itemTimeMs', 'memoryMb', 'evaluationTimeMs'])).toBe(near);
  });
});
