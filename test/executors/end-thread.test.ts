import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endThread } from '../../src/executors/end-thread.ts';
import { leavingMemory } from '../../src/executors/thread-leaving.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ends a thread that has used `cpuMs` of a core; it would survive an error, unless told otherwise. */
function ending({ survives = true }: { readonly survives?: boolean } = {}) {
  const memory = leavingMemory();
  const places = new Int32Array(memory);
  places[0] = Number(survives);
  const thread = { cpuMs: 100 as number | null, exits: (): void => undefined };
  const said: string[] = [];
  endThread(
    { terminate: () => Promise.resolve(said.push('terminate')) },
    {
      memory,
      cpuMs: () => thread.cpuMs,
      ask: () => said.push('ask'),
      exited: new Promise<void>((resolve) => (thread.exits = resolve)),
    },
  );
  return { thread, said, isAsked: () => places[1] === 1 };
}

describe('the end of a thread', () => {
  it('is an order at once', () => {
    const { said, isAsked } = ending({ survives: false });

    expect(said).toEqual(['terminate']);
    expect(isAsked()).toBe(false);
  });

  describe('that would survive an error', () => {
    it('is its own', async () => {
      const { said, thread, isAsked } = ending();
      thread.cpuMs = 107;
      vi.advanceTimersByTime(400);
      thread.exits();
      await Promise.resolve();
      vi.advanceTimersByTime(10_000);

      expect(said).toEqual(['ask']);
      expect(isAsked()).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('is an order when it computes on', () => {
      const { said, thread } = ending();
      vi.advanceTimersByTime(10);
      expect(said).toEqual(['ask']);

      thread.cpuMs = 108;
      vi.advanceTimersByTime(2);

      expect(said).toEqual(['ask', 'terminate']);
      expect(vi.getTimerCount()).toBe(0);
    });

    it.each([100, null])(
      'is an order after half a second when nothing is heard of it, with %j ms of a core',
      (cpuMs) => {
        const { said, thread } = ending();
        thread.cpuMs = cpuMs;
        vi.advanceTimersByTime(498);
        expect(said).toEqual(['ask']);

        vi.advanceTimersByTime(2);

        expect(said).toEqual(['ask', 'terminate']);
      },
    );
  });
});
