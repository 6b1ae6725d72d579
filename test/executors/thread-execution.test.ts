import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '../../src/executors/executor.ts';
import { createJob } from '../../src/executors/index.ts';
import { Slots } from '../../src/executors/slots.ts';
import { ThreadExecution } from '../../src/executors/thread-execution.ts';
import type { HeardOfThread } from '../../src/executors/thread-link.ts';
import type { SettledThread, ThreadOrder } from '../../src/executors/thread-messages.ts';

const watchdog = vi.hoisted(() => {
  vi.resetModules(); // other files of this worker have loaded the real one
  return { start: vi.fn(), abort: vi.fn(), kill: vi.fn() };
});
vi.mock('../../src/executors/thread-link.ts', () => ({ watchdogLink: () => watchdog }));
afterAll(() => {
  vi.doUnmock('../../src/executors/thread-link.ts');
  vi.resetModules();
});

const module = new URL('./evaluate.js', import.meta.url);
const completed = (id: string): SettledThread => ({
  type: 'settled',
  id,
  verdict: { kind: 'stopped', killedAt: 1, goneAt: 2 },
  usage: {
    wallMs: 0,
    cpuMs: null,
    cpuShare: null,
    peakMemoryMb: null,
    startMs: 0,
    pausedMs: 0,
    queuedMs: 0,
    goneMs: 0,
  },
  report: { items: { done: 0, running: null }, progress: null, partials: 0 },
  dropped: [],
  output: '',
  isStuck: false,
  toldMachineMs: 0,
  result: undefined,
  partial: undefined,
});

/** Runs an execution in these slots. @returns what came of it so far, and what its listener hears with. */
function begun(slots: Slots, job: Job = createJob({ input: {} })) {
  const outcomes: unknown[] = [];
  const types: string[] = [];
  vi.spyOn(job.telemetry, 'next').mockImplementation((told) => types.push(told.type));
  const outcome = { result: vi.fn(), error: (error: unknown) => outcomes.push(error) };
  new ThreadExecution({ module, job, input: { bytes: new ArrayBuffer(0) }, slots }).run(outcome);
  return { outcomes, types };
}

let listeners: Map<string, (heard: HeardOfThread) => void>;

beforeEach(() => {
  listeners = new Map();
  watchdog.start.mockReset().mockImplementation((order: ThreadOrder, listener: (heard: HeardOfThread) => void) => {
    listeners.set(order.id, listener);
  });
});

describe('an evaluation that cannot be handed to the watchdog', () => {
  const refuse = (): never => {
    throw new Error('no thread can be started');
  };

  it('fails with one sentence, and gives its slot to the next', () => {
    const slots = new Slots(1);
    watchdog.start.mockImplementationOnce(refuse);

    const first = begun(slots);
    begun(slots);

    expect(first.outcomes).toMatchObject([
      {
        kind: 'rejected',
        code: 'EVALUATION_NOT_STARTED',
        message: 'The evaluation "evaluation" could not be handed to the watchdog thread: no thread can be started',
      },
    ]);
    expect(first.types).toEqual(['usage']);
    expect(listeners.size).toBe(1);
  });

  it('after a wait fails by itself, and not the one whose slot it got', () => {
    const slots = new Slots(1);
    const first = begun(slots);
    const [[id, listener] = ['', () => undefined]] = listeners;
    watchdog.start.mockImplementationOnce(refuse);
    const second = begun(slots);
    const third = begun(slots);

    listener(completed(id));

    expect(first.outcomes).toMatchObject([{ code: 'CANCELLED' }]);
    expect(second.outcomes).toMatchObject([{ code: 'EVALUATION_NOT_STARTED' }]);
    expect(third.outcomes).toEqual([]);
    expect(listeners.size).toBe(2);
  });
});

describe('what a thread execution tells', () => {
  it.each([
    [{}, ['started']],
    [{ memoryMb: 100 }, ['unenforceable', 'started']],
  ])('of memory under the limits %o is told once', (limits, types) => {
    const execution = begun(new Slots(1), createJob({ input: {}, limits }));

    for (const [id, listener] of listeners) listener({ type: 'started', id });

    expect(execution.types).toEqual(types);
  });

  it('leaves out a partial result that cannot be read, and ends all the same', () => {
    const slots = new Slots(1);
    const execution = begun(slots);
    const [[id, listener] = ['', () => undefined]] = listeners;

    listener({ ...completed(id), partial: Uint8Array.of(1, 2, 3) });

    expect(execution.types).toEqual(['item', 'usage']);
    expect(execution.outcomes).toHaveLength(1);
  });
});
