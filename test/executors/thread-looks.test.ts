import { describe, expect, it } from 'vitest';
import { nextThreadLookMs } from '../../src/executors/thread-looks.ts';

const loading = { nowMs: 1000, spawnedMs: 990, startedMs: undefined, running: null, memoryMb: null };
const working = { ...loading, startedMs: 995 };
const inItem = { ...working, running: { name: 'game 1', startedMs: 998 } };

describe('the next look at a thread', () => {
  it.each([
    ['without limits', {}, working, 100],
    ['at the end of loading', { startTimeMs: 40 }, loading, 30],
    ['of the work, which has no start to wait for any more', { startTimeMs: 40 }, working, 100],
    ['at the end of the time', { evaluationTimeMs: 50 }, working, 45],
    ['at the end of the running item', { itemTimeMs: 20 }, inItem, 18],
    ['at the earliest end of an item that begins right after this one', { itemTimeMs: 20 }, working, 20],
    ['at what comes first', { itemTimeMs: 20, evaluationTimeMs: 12 }, inItem, 7],
    ['not before the next millisecond', { evaluationTimeMs: 5.2 }, working, 1],
    ['for a sample, far from every limit', { evaluationTimeMs: 60_000, itemTimeMs: 60_000 }, inItem, 100],
  ])('is %s', (_when, limits, seen, expected) => {
    expect(nextThreadLookMs(limits, seen)).toBe(expected);
  });
});
