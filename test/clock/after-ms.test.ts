import { describe, expect, it } from 'vitest';
import { afterMs, schedulerOf } from '../../src/clock/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { unexpected } from '../operators/marbles.ts';

describe('afterMs', () => {
  const longest = 2 ** 31 - 1;

  it.each([0, 5, longest, longest + 1, 3 * longest])('emits once after %s ms', async (ms) => {
    const clock = new VirtualClock();
    const at: number[] = [];
    afterMs(ms, schedulerOf(clock)).subscribe({ next: () => at.push(clock.now()), error: unexpected });
    await clock.advance(Math.max(0, ms - 1));
    expect(at).toEqual(ms === 0 ? [0] : []);
    await clock.advance(10);
    expect(at).toEqual([ms]);
  });

  it('asks for no timer longer than a platform takes', () => {
    const delays: number[] = [];
    const clock = {
      now: () => 0,
      wallNow: () => 0,
      setTimeout: (_: () => void, ms: number) => (delays.push(ms), () => undefined),
    };
    afterMs(longest + 1, schedulerOf(clock))
      .subscribe({ error: unexpected })
      .unsubscribe();
    expect(delays).toEqual([longest]);
  });
});
