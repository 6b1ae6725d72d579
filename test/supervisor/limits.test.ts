import { describe, expect, it } from 'vitest';
import { brokenLimit, nextLookMs, type Observation } from '../../src/supervisor/limits.ts';

const limits = { evaluationTimeMs: 1000, startTimeMs: 200, itemTimeMs: 300, memoryMb: 100 };
const working: Observation = { nowMs: 500, spawnedMs: 0, startedMs: 100, running: null, memoryMb: 50 };

describe('a limit is broken', () => {
  it.each<[string, Partial<Observation>, string | undefined]>([
    ['nothing', {}, undefined],
    ['memory at its limit', { memoryMb: 100 }, undefined],
    ['memory above it', { memoryMb: 100.1 }, 'memoryMb'],
    ['memory that could not be measured', { memoryMb: null }, undefined],
    ['a true 0', { memoryMb: 0 }, undefined],
    ['the time just before its end', { nowMs: 1099.9 }, undefined],
    ['the time at its end', { nowMs: 1100 }, 'evaluationTimeMs'],
    ['an item just before its end', { running: { name: 'g', startedMs: 200.1 } }, undefined],
    ['an item at its end', { running: { name: 'g', startedMs: 200 } }, 'itemTimeMs'],
    [
      'an item at its end that was paused meanwhile',
      { running: { name: 'g', startedMs: 200 }, itemPausedMs: 1 },
      undefined,
    ],
    ['one whose own time is up', { running: { name: 'g', startedMs: 150 }, itemPausedMs: 50 }, 'itemTimeMs'],
    [
      'an item that claims to be older than the work',
      { nowMs: 399, running: { name: 'g', startedMs: -9e9 } },
      undefined,
    ],
    ['loading just before its end', { startedMs: undefined, nowMs: 199.9 }, undefined],
    ['loading at its end', { startedMs: undefined, nowMs: 200 }, 'startTimeMs'],
    ['memory and time together', { nowMs: 5000, memoryMb: 200 }, 'memoryMb'],
  ])('%s: %s', (_, seen, rule) => {
    expect(brokenLimit(limits, { ...working, ...seen })?.rule).toBe(rule);
  });

  it('never without a limit', () => {
    expect(brokenLimit({}, { ...working, nowMs: 1e12, memoryMb: 1e9, running: { name: 'g', startedMs: 0 } })).toBe(
      undefined,
    );
  });

  it('and tells how long ago the time was up', () => {
    expect(brokenLimit(limits, { ...working, nowMs: 1150 })).toEqual({
      rule: 'evaluationTimeMs',
      limit: 1000,
      observed: 1050,
      overdueMs: 50,
    });
  });
});

describe('the next look', () => {
  it.each<[string, Partial<Observation>, number]>([
    ['is after 20 ms when nothing is near', { memoryMb: 50 }, 20],
    ['comes earlier when memory is short', { memoryMb: 90 }, 4],
    ['never comes earlier than 1 ms', { memoryMb: 99.9 }, 1],
    ['waits for unmeasured memory as for none', { memoryMb: null }, 20],
    ['waits four times as long as a look took', { memoryMb: 90, lookMs: 10 }, 40],
    ['waits for a look no longer than 100 ms', { lookMs: 500 }, 100],
    ['falls on the deadline, however long a look takes', { nowMs: 1094, lookMs: 10 }, 6],
    ['falls on the deadline', { nowMs: 1094 }, 6],
    ['falls on the item’s deadline', { running: { name: 'g', startedMs: 203 } }, 3],
  ])('%s', (_, seen, ms) => {
    expect(nextLookMs(limits, { ...working, ...seen })).toBeCloseTo(ms);
  });
});
