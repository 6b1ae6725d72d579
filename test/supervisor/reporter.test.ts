import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unknownGpuShare } from '../../src/probes/index.ts';
import { Reporter } from '../../src/supervisor/reporter.ts';
import { emptyLetters, machineNowMs, type Letters, type SupervisorToHost } from '../../src/wire/index.ts';

const reporter = new Reporter('one', () => true);

describe('what an evaluation told and nobody has seen', () => {
  it.each([
    [1000, []],
    [1001, [{ what: 'progress', count: 1001 }]],
  ])('of %i calls of progress is a flood of %j', (progressCount, dropped) => {
    expect(reporter.dropped({ ...emptyLetters, progressCount })).toEqual(dropped);
  });

  it.each([
    [0, []],
    [1, [{ what: 'partial results', count: 1 }]],
  ])('of %i partial results that were replaced is %j', (droppedPartials, dropped) => {
    expect(reporter.dropped({ ...emptyLetters, droppedPartials })).toEqual(dropped);
  });
});

// The host took each pause for the item's own time, and warned of what was in time.
describe('an item that is paused', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told again while it is, with the time that is its own, and without progress that is known', () => {
    const told: SupervisorToHost[] = [];
    const reporter = new Reporter('one', (message) => told.push(message) > 0);
    const running = { name: 'game 1', startedMs: machineNowMs() };
    const letters: Letters = { ...emptyLetters, running, progress: { done: 3, total: 9 }, progressCount: 1 };
    reporter.begin(machineNowMs(), null);
    for (const itemPausedMs of [0, 0, 60, 160, 160]) {
      vi.advanceTimersByTime(100);
      reporter.look({ memoryMb: 1, itemPausedMs }, { cpuMs: () => null, gpu: () => unknownGpuShare }, letters);
    }

    const itemOf = (forMs: number) => ({ done: 0, total: 9, running: { name: 'game 1', forMs } });
    expect(told.map((message) => (message.type === 'report' ? message.progress : message))).toEqual([
      { items: itemOf(100), progress: { done: 3, total: 9 }, partials: 0 },
      undefined,
      { items: itemOf(240), progress: null, partials: 0 },
      { items: itemOf(240), progress: null, partials: 0 },
      undefined,
    ]);
    expect(reporter.dropped({ ...letters, progressCount: 1_002 })).toEqual([{ what: 'progress', count: 1_001 }]);
  });

  // Its pauses are added up a moment before it is told. The host took a time that fell for another item of the same name.
  it('is told no time that falls, and none of 0', () => {
    const reporter = new Reporter('one', () => true);
    const letters = { ...emptyLetters, running: { name: 'game 1', startedMs: machineNowMs() } };
    const forMs = (of: Letters, pausedMs: number): number | undefined =>
      reporter.progress(of, pausedMs).items.running?.forMs;

    expect(forMs(letters, 0)).toBe(0.001);
    vi.advanceTimersByTime(100);
    expect(forMs(letters, 95)).toBeCloseTo(5);
    vi.advanceTimersByTime(100);
    expect(forMs(letters, 195.3)).toBeCloseTo(5);
    vi.advanceTimersByTime(100);
    expect(forMs(letters, 200)).toBeCloseTo(100);
    const next = { ...letters, running: { name: 'game 1', startedMs: machineNowMs() } };
    vi.advanceTimersByTime(3);
    expect(forMs(next, 0)).toBeCloseTo(3);
    expect(reporter.progress(emptyLetters, 0).items.running).toBeNull();
  });
});
