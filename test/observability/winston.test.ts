/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own types have it so */
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import { eventLevels } from '../../src/observability/event-level.ts';
import { nameOfLevel } from '../../src/observability/logger-levels.ts';
import { winstonLogger, type LoggerLike } from '../../src/observability/winston.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { FakeRun } from './run.ts';
import { waiting } from './transports.ts';

/** A real winston logger whose lines are kept. */
function memoryLogger(level = 'silly', levels: Record<string, number> = winston.config.npm.levels) {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const logger = winston
    .createLogger({ level, levels, format: winston.format.json() })
    .add(new winston.transports.Stream({ stream }));
  const finished = async (): Promise<typeof lines> => {
    logger.end();
    await once(logger, 'finish');
    return lines;
  };
  return { logger, finished };
}

/** The files that this process has open. */
async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  return Promise.all(descriptors.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => 'closed')));
}

const epochEnd = { type: 'epoch:end', epoch: 3, metrics: { loss: 0.5 } } as const;
const epochStart = { type: 'epoch:start', epoch: 3 } as const;
const trainingEnd = { type: 'training:end', epochs: 3, steps: 9 } as const;
const callbackError = { type: 'callback:error', callback: 'mine', error: { message: 'no' } } as const;

describe('winstonLogger', () => {
  it('logs a line an event, with what a machine wants beside it', async () => {
    const { logger, finished } = memoryLogger();
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));

    run.emit(epochEnd);
    run.emit(callbackError);
    run.step();

    const details = { runId: 'run-1', at: 1_700_000_000_000 };
    expect(await finished()).toEqual([
      { level: 'info', message: 'epoch 3 ended: loss 0.5', event: 'epoch:end', seq: 1, ...details },
      { level: 'error', message: 'callback "mine" failed: no', event: 'callback:error', seq: 2, ...details },
    ]);
    expect(run.published).toEqual([]);
  });

  it("keeps to the logger's level and to its own", async () => {
    const theirs = memoryLogger('warn');
    const ours = memoryLogger();
    const run = new FakeRun();
    run.connect(winstonLogger({ logger: theirs.logger }));
    run.connect(winstonLogger({ logger: ours.logger, level: 'info' }));

    for (const event of [epochStart, epochEnd, callbackError]) run.emit(event);

    expect((await theirs.finished()).map(({ level }) => level)).toEqual(['error']);
    expect((await ours.finished()).map(({ level }) => level)).toEqual(['info', 'error']);
  });

  it('makes no line where the level is disabled', () => {
    const read = vi.fn(() => 1);
    const metrics = Object.defineProperty({}, 'loss', { enumerable: true, get: read }) as Record<string, unknown>;
    const log = vi.fn();
    const run = new FakeRun();
    run.connect(winstonLogger({ logger: { log, isLevelEnabled: (level) => level === 'error' } }));

    run.emit({ type: 'epoch:end', epoch: 1, metrics });

    expect(read).not.toHaveBeenCalled();
    expect(log).not.toHaveBeenCalled();
  });

  it('uses the names that a logger has for its levels', async () => {
    const { logger, finished } = memoryLogger('debug', winston.config.syslog.levels);
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));

    run.emit({ type: 'dropped', what: 'telemetry', count: 1 });
    run.emit({ type: 'step:summary', epoch: 1, step: 1, count: 1, p50Ms: 1, p99Ms: 1, maxMs: 1 });

    expect((await finished()).map(({ level }) => level)).toEqual(['warning']);
  });

  it('survives a logger that throws: tells the first loss at once, and the rest at the end of the training', () => {
    const log = vi.fn(() => {
      throw new Error('no connection');
    });
    const run = new FakeRun();
    run.connect(winstonLogger({ logger: { log } }));

    run.emit(epochEnd);
    expect(run.published).toEqual([{ type: 'dropped', what: 'lines of the winston logger', count: 1 }]);
    run.emit(epochEnd);
    run.emit(epochEnd);
    expect(run.published).toHaveLength(1);
    run.emit(trainingEnd);

    // The line of training:end itself was lost too.
    expect(run.published.slice(1)).toEqual([{ type: 'dropped', what: 'lines of the winston logger', count: 3 }]);
    expect(log).toHaveBeenCalledTimes(4);
  });

  it.each([
    ['ERROR, WARN, INFO, DEBUG', ['ERROR', 'WARN', 'INFO', 'DEBUG', undefined]],
    ['fatal, critical, warn, info, debug', ['critical', 'warn', 'info', 'debug', undefined]],
    ['error, warn, debug', ['error', 'warn', 'debug', 'debug', undefined]],
    ['one, two', ['one', 'two', 'two', undefined, undefined]],
  ])('finds the nearest of the levels %s of a logger', (levels, names) => {
    const ranks = Object.fromEntries(levels.split(', ').map((name, rank) => [name, rank]));

    expect(eventLevels.map((level) => nameOfLevel(level, ranks))).toEqual(names);
  });

  it('keeps what stands beside a message with %s in it', async () => {
    const { logger, finished } = memoryLogger();
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));

    run.emit({ ...callbackError, error: { message: 'cannot open "%s": 100%done' } });

    expect(await finished()).toMatchObject([
      {
        level: 'error',
        message: 'callback "mine" failed: cannot open "%s": 100%done',
        event: 'callback:error',
        seq: 1,
      },
    ]);
  });

  it('leaves one listener with a logger, however many children of it runs have logged to', () => {
    const { logger } = memoryLogger();
    const before = logger.listenerCount('error');

    for (let trial = 1; trial <= 12; trial++) {
      const run = new FakeRun();
      run.connect(winstonLogger({ logger: logger.child({ trial }) }));
      run.end();
    }

    expect(logger.listenerCount('error')).toBe(before + 1);
  });

  it('counts the lines of a logger that has been closed', () => {
    const said = vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => {
      said.mockRestore();
    });
    const { logger } = memoryLogger();
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));

    logger.close();
    run.emit(epochEnd);
    run.emit(epochEnd);
    run.end();

    expect(run.published).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect(said).not.toHaveBeenCalled();
  });

  it('counts the lines whose promise a logger rejects', async () => {
    const log = vi.fn(() => Promise.reject(new Error('no connection')));
    const run = new FakeRun();
    run.connect(winstonLogger({ logger: { log } }));

    run.emit(epochEnd);
    await setImmediate();

    expect(run.published).toEqual([{ type: 'dropped', what: 'lines of the winston logger', count: 1 }]);
  });

  it('survives a metric that throws when it is read', () => {
    const run = new FakeRun();
    const log = vi.fn();
    run.connect(winstonLogger({ logger: { log } }));

    run.emit({
      type: 'epoch:end',
      epoch: 1,
      metrics: {
        get loss(): never {
          throw new Error('lazy');
        },
      },
    });
    run.emit(epochEnd);

    expect(run.published).toMatchObject([{ type: 'dropped', count: 1 }]);
    expect(log).toHaveBeenCalledTimes(1);
  });

  it('counts what a transport raises, and a failure after the run ends nothing', () => {
    const logger = Object.assign(new EventEmitter(), { log: vi.fn() }) as EventEmitter & LoggerLike;
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));
    const whileItRuns = logger.listenerCount('error');

    logger.emit('error', new Error('disk full'));
    run.end();
    logger.emit('error', new Error('disk full'));

    expect(run.published).toHaveLength(1);
    expect({ whileItRuns, afterwards: logger.listenerCount('error') }).toEqual({ whileItRuns: 2, afterwards: 1 });
  });

  it('gives a logger whose transport does not answer a bounded number of lines', () => {
    const logger = winston.createLogger().add(new winston.transports.Stream({ stream: new Writable() }));
    logger.transports[0]!.log = () => undefined;
    const run = new FakeRun();
    run.connect(winstonLogger({ logger }));

    for (let count = 0; count < 1000; count++) run.emit(epochEnd);
    run.emit(trainingEnd);

    const lost = run.published.reduce((sum, body) => sum + (body.type === 'dropped' ? body.count : 0), 0);
    expect(logger.writableLength).toBeLessThanOrEqual(256);
    expect(lost).toBeGreaterThan(700);
    expect(run.published).toHaveLength(2);
  });

  it('appends to a file, and closes it with the run', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pitwall-log-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'logs', 'training.log');

    for (const name of ['first', 'second']) {
      const run = new FakeRun();
      run.connect(winstonLogger({ file }));
      run.emit(epochStart);
      run.emit({ type: 'run:start', name, epochs: 3, config: {} });
      run.end();
      await Promise.all(run.held);
      expect(await openFiles()).not.toContain(file);
    }

    expect(await readFile(file, 'utf8')).toBe(
      '2023-11-14T22:13:20.000Z info  run "first" (run-1) starts: 3 epochs\n' +
        '2023-11-14T22:13:20.000Z info  run "second" (run-1) starts: 3 epochs\n',
    );
  });

  it('counts the lines that a full disk does not take', async () => {
    const run = new FakeRun();
    run.connect(winstonLogger({ file: '/dev/full' }));

    run.emit(epochEnd);
    run.emit(epochEnd);

    await vi.waitFor(() => {
      expect(run.published).toHaveLength(1);
    });
    run.emit(epochEnd);
    await vi.waitFor(() => {
      run.emit(trainingEnd);
      expect(run.published.length).toBeGreaterThan(1);
    });
    run.end();
  });

  it('tells of all losses as long as the run waits for its last lines', async () => {
    const run = new FakeRun();
    run.connect(winstonLogger({ file: '/dev/full' }));

    run.emit(epochEnd);
    run.tell({ type: 'run:end' });
    run.end();
    await Promise.all(run.held);

    expect(run.published.reduce((sum, body) => sum + (body.type === 'dropped' ? body.count : 0), 0)).toBe(2);
  });

  it('tells nothing after the run', async () => {
    const { transport, answer } = waiting();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport], stuckAfterMs: 5000 }));
    run.emit(epochEnd);
    run.end();
    await run.clock.advance(5000);
    const told = [...run.published];

    transport.emit('error', new Error('late'));
    answer(new Error('late'));

    expect(told).toEqual([{ type: 'dropped', what: 'lines of the winston transport "tried"', count: 1 }]);
    expect(run.published).toEqual(told);
  });

  it('has a name for each place, and a name of yours', () => {
    const transports = [new winston.transports.Console()];
    const loggers = [
      winstonLogger(),
      winstonLogger({ file: '/dev/null' }),
      winstonLogger({ name: 'mine', transports }),
    ];
    const trainer = new Trainer({ name: 'named', epochs: 1, journal: false });

    for (const logger of loggers) trainer.register(logger);

    expect(loggers.map(({ name }) => name)).toEqual(['winston', 'winston (/dev/null)', 'mine']);
  });

  it('refuses wrong options in one sentence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pitwall-log-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'file'), '');
    const { logger } = memoryLogger();

    expect(() => winstonLogger({ lvl: 'info' } as object)).toThrow('unknown key "lvl": did you mean "level"?');
    expect(() => winstonLogger({ name: ' ' })).toThrow(
      '"name" must be a name, a string that is not empty, but " " came',
    );
    expect(() => winstonLogger({ level: 'loud' as never })).toThrow('"level" must be one of "error", "warn"');
    expect(() => winstonLogger({ logger: console.log as never })).toThrow(
      '"logger" must be a winston logger, but a function came',
    );
    expect(() => winstonLogger({ logger, file: 'x' })).toThrow(
      'takes one of "logger", "file" and "transports", but "logger" and "file" came',
    );
    expect(() => winstonLogger({ file: join(folder, 'file', 'x') })).toThrow('must be a file that can be written');
    expect(() => winstonLogger({ file: folder })).toThrow('must be a file that can be written');
  });
});
