import { describe, expect, it } from 'vitest';
import { SnapshotBuffers } from '../../src/executors/snapshot-buffers.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const large = 2 ** 20;

describe('buffers for snapshots', () => {
  it('are used again once they came back, also for a little more', () => {
    const buffers = new SnapshotBuffers(new VirtualClock());
    const first = buffers.take(large);
    first.release();
    const second = buffers.take(large + 10);

    expect(second.bytes).toHaveLength(large + 10);
    expect(second.bytes.buffer).toBe(first.bytes.buffer);
  });

  it('are not used again while they are out, however many are', () => {
    const buffers = new SnapshotBuffers(new VirtualClock());
    const out = Array.from({ length: 5 }, () => buffers.take(large));

    expect(new Set(out.map(({ bytes }) => bytes.buffer)).size).toBe(5);
  });

  it('come back once, however often that is said', () => {
    const buffers = new SnapshotBuffers(new VirtualClock());
    const first = buffers.take(large);
    first.release();
    const second = buffers.take(large);
    first.release();
    const third = buffers.take(large);

    expect(third.bytes.buffer).not.toBe(second.bytes.buffer);
  });

  it('are kept two at most, the largest', () => {
    const buffers = new SnapshotBuffers(new VirtualClock());
    const out = [1, 3, 2, 4].map((times) => buffers.take(times * large));
    for (const { release } of out) release();

    expect(buffers.kept).toBe(2);
    expect(buffers.take(3 * large).bytes.buffer).toBe(out[1]?.bytes.buffer);
    expect(buffers.take(large).bytes.buffer).toBe(out[3]?.bytes.buffer);
  });

  it('are let go a minute after their last use', async () => {
    const clock = new VirtualClock();
    const buffers = new SnapshotBuffers(clock);
    buffers.take(large).release();
    await clock.advance(59_000);
    buffers.take(large).release();
    await clock.advance(59_999);
    expect(buffers.kept).toBe(1);
    await clock.advance(1);

    expect(buffers.kept).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are not kept where they are small', () => {
    const clock = new VirtualClock();
    const buffers = new SnapshotBuffers(clock);
    buffers.take(1000).release();
    buffers.take(0).release();

    expect(buffers.kept).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
