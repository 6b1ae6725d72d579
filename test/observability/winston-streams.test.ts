import { createWriteStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import type { EventBody } from '../../src/events/index.ts';
import { winstonLogger } from '../../src/observability/winston.ts';
import { FakeRun } from './run.ts';

const epochEnd = (epoch: number): EventBody => ({ type: 'epoch:end', epoch, metrics: {} });

/** A stream that takes a chunk when it is told to. */
function slowStream() {
  const unanswered: ((error?: Error) => void)[] = [];
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      unanswered.push(done);
    },
  });
  return { stream, chunks, answer: (error?: Error) => unanswered.shift()?.(error) };
}

/** Stdout as the process has it: it fails at once, says so in a later turn, and is well again. */
function asStdout(fails: () => boolean) {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (fails()) done(new Error('EPIPE'));
      else {
        chunks.push(chunk.toString());
        done();
      }
    },
  });
  const healing = stream as Writable & { _undestroy(): void };
  healing._destroy = (error, done) => {
    done(error);
    healing._undestroy();
  };
  const property = Object.getOwnPropertyDescriptor(console, '_stdout') ?? { value: undefined, configurable: true };
  Object.defineProperty(console, '_stdout', { value: stream, configurable: true });
  onTestFinished(() => {
    Object.defineProperty(console, '_stdout', property);
  });
  return { stream, chunks };
}

const into = (stream: Writable) => new winston.transports.Stream({ stream });

function lost({ published }: FakeRun): number {
  return published.reduce((sum, body) => sum + (body.type === 'dropped' ? body.count : 0), 0);
}

describe('the stream of a transport of winstonLogger', () => {
  it('that fails costs what it has not written, and all that follow', async () => {
    const { stream, answer } = slowStream();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [into(stream)] }));

    run.emit(epochEnd(1));
    answer();
    await setImmediate();
    run.emit(epochEnd(2));
    run.emit(epochEnd(3));
    answer(new Error('ENOSPC'));
    await setImmediate();
    expect(lost(run)).toBe(2);
    run.emit(epochEnd(4));
    run.emit({ type: 'training:end', epochs: 4, steps: 4 });

    expect(run.published).toEqual([
      { type: 'dropped', what: 'lines of the winston transport "Stream"', count: 2 },
      { type: 'dropped', what: 'lines of the winston transport "Stream"', count: 2 },
    ]);
    run.end();
    await Promise.all(run.held); // nothing is waited for
  });

  it('on a full disk costs its lines alone', async () => {
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [() => into(createWriteStream('/dev/full'))] }));

    run.emit(epochEnd(1));
    run.emit(epochEnd(2));
    await vi.waitFor(() => {
      expect(lost(run)).toBe(2);
    });
    run.emit(epochEnd(3));
    run.emit({ type: 'training:end', epochs: 4, steps: 4 });
    run.end();
    await Promise.all(run.held);

    expect(lost(run)).toBe(4);
  });

  it('whose error is handed on to the transport is counted once', async () => {
    const { stream, answer } = slowStream();
    const transport = into(stream);
    stream.on('error', (error) => transport.emit('error', error));
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport] }));

    run.emit(epochEnd(1));
    answer(new Error('ENOSPC'));
    await setImmediate();
    run.end();
    await Promise.all(run.held);

    expect(lost(run)).toBe(1);
  });

  it('has the last line when the run is over, and no listener', async () => {
    const { stream, chunks, answer } = slowStream();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [into(stream)], stuckAfterMs: 5000 }));
    run.emit(epochEnd(1));
    run.emit(epochEnd(2));
    let isOver = false;

    run.end();
    void Promise.all(run.held).then(() => (isOver = true));
    await setImmediate();
    await run.clock.advance(1000);
    answer();
    await run.clock.advance(1000);
    expect(isOver).toBe(false);
    answer();
    await setImmediate();
    await run.clock.advance(10);
    await setImmediate();

    expect(isOver).toBe(true);
    expect(chunks).toHaveLength(2);
    expect(stream.listenerCount('error')).toBe(0);
    expect(run.clock.pendingTimers).toBe(0);
    expect(lost(run)).toBe(0);
  });

  it('that fails of the last line while the run waits for it is told so', async () => {
    const { stream, answer } = slowStream();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [into(stream)], stuckAfterMs: 5000 }));
    run.emit(epochEnd(1));

    run.end();
    await setImmediate();
    answer(new Error('ENOSPC'));
    await setImmediate();
    await run.clock.advance(10);
    await Promise.all(run.held);

    expect(lost(run)).toBe(1);
  });

  it('that is stuck when the run has waited long enough may fail afterwards', async () => {
    const { stream, answer } = slowStream();
    const transport = into(stream);
    let finish: (() => void) | undefined;
    transport._final = (done) => (finish = done);
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport], stuckAfterMs: 5000 }));
    run.emit(epochEnd(1));
    run.end();
    await setImmediate();
    await run.clock.advance(5000);
    await Promise.all(run.held);
    await setImmediate();
    expect(stream.listenerCount('error')).toBe(1);

    finish?.();
    await setImmediate();
    expect(run.clock.pendingTimers).toBe(0);
    answer(new Error('EPIPE'));
    await setImmediate();

    expect(stream.errored).toBeInstanceOf(Error);
  });

  it('has one listener, however many runs write to it', async () => {
    const { stream } = asStdout(() => false);
    const runs = Array.from({ length: 12 }, () => new FakeRun());
    for (const run of runs) run.connect(winstonLogger());
    const whileTheyRun = stream.listenerCount('error');

    for (const run of runs) run.end();
    await Promise.all(runs.flatMap(({ held }) => held));
    await setImmediate();

    expect({ whileTheyRun, afterwards: stream.listenerCount('error') }).toEqual({ whileTheyRun: 1, afterwards: 0 });
  });

  it('of the console that fails costs the lines of that time: each is tried', async () => {
    let isBroken = false;
    const { stream, chunks } = asStdout(() => isBroken);
    const run = new FakeRun();
    run.connect(winstonLogger());

    run.emit(epochEnd(1));
    await setImmediate();
    isBroken = true;
    for (const epoch of [2, 3]) {
      run.emit(epochEnd(epoch));
      await setImmediate();
    }
    isBroken = false;
    run.emit(epochEnd(4));
    await setImmediate();
    isBroken = true;
    run.emit(epochEnd(5));
    await setImmediate();
    run.emit({ type: 'training:end', epochs: 5, steps: 5 });
    run.end();
    await Promise.all(run.held);
    await setImmediate();

    expect(chunks.map((line) => /epoch \d/.exec(line)?.[0])).toEqual(['epoch 1', 'epoch 4']);
    expect(lost(run)).toBe(4); // two and one, and the line of the training's end
    expect(stream.listenerCount('error')).toBe(0);
  });

  it('of the console that breaks after a line was written costs those that come then, whoever has found out', async () => {
    let isBroken = false;
    const { stream } = asStdout(() => isBroken);
    const run = new FakeRun();
    run.connect(winstonLogger());

    run.emit(epochEnd(1));
    isBroken = true;
    stream.write('of somebody else');
    await setImmediate();
    expect(lost(run)).toBe(0);
    run.emit(epochEnd(2));

    expect(lost(run)).toBe(1);
    run.end();
  });
});
