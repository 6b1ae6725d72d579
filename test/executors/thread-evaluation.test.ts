import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ThreadEvaluation } from '../../src/executors/thread-evaluation.ts';
import type { ThreadOrder, WatchdogToHost } from '../../src/executors/thread-messages.ts';

/** An entry file of a few lines; it has the port to the watchdog, and the path of a file in place of the evaluator's module. */
function entryOf(lines: string): URL {
  const code = `
    import { writeFileSync } from 'node:fs';
    import { workerData } from 'node:worker_threads';
    const { port, birth: { module: path } } = workerData;
    ${lines}`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

function orderOf(path: string, limits: ThreadOrder['limits']): ThreadOrder {
  const input = new ArrayBuffer(0);
  const rest = { graceMs: 100, maxResultMb: 256, logFolder: undefined, seed: 1 };
  return { id: 'execution', name: 'vs-random', module: path, limits, input, ...rest };
}

/** Holds this loop until the thread has written its file. */
function waitBlocked(path: string): void {
  const untilMs = Date.now() + 20_000;
  while (!existsSync(path)) if (Date.now() > untilMs) throw new Error(`The thread has not written ${path}.`);
}

describe('a limit judged while a word of the thread is on its way', () => {
  it('of the start is no verdict about an evaluation that has begun meanwhile', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'ready');
    const told: WatchdogToHost[] = [];
    const entry = entryOf(`
      port.on('message', () => undefined);
      port.postMessage({ type: 'ready', thread: undefined });
      writeFileSync(path, '');`);
    // After immediates the loop comes to timers first, and then to messages.
    await new Promise(setImmediate);

    const evaluation = new ThreadEvaluation(orderOf(path, { startTimeMs: 50 }), entry, (message) => {
      told.push(message);
      // A verdict that was on its way comes before this end.
      if (message.type === 'started')
        setImmediate(() => {
          setImmediate(() => {
            evaluation.kill();
          });
        });
      return true;
    });
    // The look finds the limit broken, and only then can the loop hear that the thread is ready.
    waitBlocked(path);
    const untilMs = Date.now() + 60;
    while (Date.now() < untilMs);
    await evaluation.gone;

    expect(told).toMatchObject([{ type: 'started' }, { type: 'settled', verdict: { kind: 'stopped' } }]);
  });

  it('of the start is the verdict about one of which nothing was heard', async () => {
    const told: WatchdogToHost[] = [];
    const entry = entryOf(`port.on('message', () => undefined);`);

    await new ThreadEvaluation(orderOf('', { startTimeMs: 50 }), entry, (message) => {
      told.push(message);
      return true;
    }).gone;

    expect(told).toMatchObject([
      { type: 'settled', verdict: { kind: 'breach', breach: { rule: 'startTimeMs', limit: 50 } } },
    ]);
  });
});
