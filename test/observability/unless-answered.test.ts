import { describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/clock/index.ts';
import { unlessAnswered } from '../../src/observability/unless-answered.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

describe('unlessAnswered', () => {
  it('is late at the limit, and not before', async () => {
    const clock = new VirtualClock();
    const isLate = vi.fn();
    unlessAnswered(clock, 5000, isLate);

    await clock.advance(4999);
    expect(isLate).not.toHaveBeenCalled();
    await clock.advance(1);

    expect(isLate).toHaveBeenCalledTimes(1);
  });

  it('is not late once it was answered', async () => {
    const clock = new VirtualClock();
    const isLate = vi.fn();
    const answered = unlessAnswered(clock, 5000, isLate);

    answered();
    await clock.advance(60_000);

    expect(isLate).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets an answer have its turn that came while the event loop was blocked beyond the limit', () => {
    const due = new Set<() => void>();
    const clock = {
      setTimeout: (task: () => void) => {
        due.add(task);
        return () => due.delete(task);
      },
    } as unknown as Clock;
    /** All timers that are due when the loop is free again: they come before any answer. */
    const runLateTimers = (): void => {
      for (const task of [...due]) {
        due.delete(task);
        task();
      }
    };
    const isLate = vi.fn();
    const answered = unlessAnswered(clock, 5000, isLate);

    runLateTimers();
    answered();
    runLateTimers();

    expect(isLate).not.toHaveBeenCalled();
  });
});
