import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import {
  maxItemTime,
  maxMemory,
  maxTime,
  memoryGrowth,
  metricInRange,
  noProgressFor,
  type LimitOptions,
  type Safeguard,
} from '../../src/sla/index.ts';

const safeguards: readonly [string, (options: LimitOptions) => Safeguard][] = [
  ['maxTime', (options) => maxTime(5, options)],
  ['maxItemTime', (options) => maxItemTime(5, options)],
  ['maxMemory', (options) => maxMemory(5, options)],
  ['memoryGrowth', (options) => memoryGrowth(5, options)],
  ['noProgressFor', (options) => noProgressFor(5, options)],
  ['metricInRange', (options) => metricInRange('loss', { max: 5, ...options })],
];

describe.each(safeguards)('%s', (name, safeguard) => {
  it.each(['abort', 'warn', undefined])('takes the action %s', (action) => {
    expect(safeguard({ action } as LimitOptions)).toBeTypeOf('function');
  });

  // A guard tells its errors under its name, and a marble test its violations.
  it('has its own name', () => {
    expect(safeguard({}).name).toBe(name);
  });

  // Taken as they came, such a limit ended nothing, or ended what was to be warned of.
  it.each([
    [{ action: 'explode' }, `"action" must be 'abort' or 'warn', but "explode" came`],
    [{ action: null }, `"action" must be 'abort' or 'warn', but null came`],
    [{ acton: 'warn' }, 'have an unknown key "acton": did you mean "action"?'],
  ])('refuses %j', (options, sentence) => {
    expect(() => safeguard(options as LimitOptions)).toThrow(ConfigurationError);
    expect(() => safeguard(options as LimitOptions)).toThrow(`The options of ${name}`);
    expect(() => safeguard(options as LimitOptions)).toThrow(sentence);
  });
});
