import { describe, expect, it } from 'vitest';
import type { ThreadOrder, WatchdogToHost } from '../../src/executors/thread-messages.ts';
import { ThreadWatchdog } from '../../src/executors/thread-watchdog.ts';

describe('a watchdog that gets no thread for an evaluation', () => {
  it('says so, and goes on', () => {
    const told: WatchdogToHost[] = [];
    const watchdog = new ThreadWatchdog(new SharedArrayBuffer(4), (message) => told.push(message));
    const order: ThreadOrder = {
      id: 'execution',
      name: 'vs-random',
      module: (() => 'what cannot be sent to a thread') as never,
      seed: 1,
      limits: {},
      graceMs: 100,
      maxResultMb: 256,
      logFolder: undefined,
      input: new ArrayBuffer(0),
    };

    watchdog.onMessage({ type: 'start', order });
    watchdog.onMessage({ type: 'kill', id: 'execution' });

    expect(told).toMatchObject([
      {
        type: 'settled',
        id: 'execution',
        isStuck: false,
        verdict: { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_STARTED' },
      },
    ]);
    expect(told[0]).toHaveProperty('verdict.message', expect.stringMatching(/^No thread could be started.*cloned/));
  });
});
