import { Writable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { printed } from '../../src/evaluator/printed.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** A stream into which nothing goes until it is let. */
function full() {
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      waiting.push(done);
    },
  });
  stream.on('error', () => undefined);
  const isPrinted = { is: false };
  const start = (): Promise<void> =>
    printed(() => [stream]).then(() => {
      isPrinted.is = true;
    });
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
  };
  return { stream, waiting, isPrinted, start, turns };
}

describe('what was printed', () => {
  it('is out when the stream has taken the last of it, also where its write was replaced', async () => {
    const { stream, waiting, isPrinted, start, turns } = full();
    stream.write('one');
    stream.write('two');
    stream.write = () => true;

    const ended = start();
    waiting.shift()?.();
    await turns();
    expect(isPrinted.is).toBe(false);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await turns();
    }
    await ended;

    expect(isPrinted.is).toBe(true);
  });

  it('is waited for a second, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { stream, isPrinted, start } = full();
    stream.write('one');

    void start();
    await vi.advanceTimersByTimeAsync(999);
    expect(isPrinted.is).toBe(false);
    await vi.advanceTimersByTimeAsync(1);

    expect(isPrinted.is).toBe(true);
  });

  it('is not waited for where nothing waits, the stream is gone, or there is none', async () => {
    const { stream, start } = full();
    await start();
    stream.write('one');
    stream.destroy();
    await start();
    await printed(() => {
      throw new Error('bad file descriptor');
    });
  });
});
