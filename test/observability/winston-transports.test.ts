import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import winston from 'winston';
import type { EventBody } from '../../src/events/index.ts';
import { winstonLogger, type TransportLike } from '../../src/observability/winston.ts';
import { FakeRun } from './run.ts';
import { keeping, transportOf, waiting } from './transports.ts';

const trainingEnd = { type: 'training:end', epochs: 3, steps: 9 } as const;
const epochEnd = (epoch: number): EventBody => ({ type: 'epoch:end', epoch, metrics: {} });

/** What was told as dropped, by what it was of. */
function lost({ published }: FakeRun): Record<string, readonly number[]> {
  const found: Record<string, number[]> = {};
  for (const body of published) if (body.type === 'dropped') (found[body.what] ??= []).push(body.count);
  return found;
}

/** What winston does not take. */
const asynchronous = winston.format((() => Promise.reject(new Error('no'))) as never)();

const ofTried = 'lines of the winston transport "tried"';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('the transports of winstonLogger', () => {
  it('each get every line, in its own level and its own format', () => {
    const all = keeping({ level: 'silly' });
    const some = keeping({ format: winston.format.printf(({ event }) => `<${String(event)}>`) });
    const silent = keeping({ silent: true });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [all.transport, some.transport, silent.transport] }));

    run.emit({ type: 'epoch:start', epoch: 1 });
    run.emit(epochEnd(1));

    expect(all.messages()).toEqual(['epoch 1 begins', 'epoch 1 ended']);
    expect(all.infos[0]?.[Symbol.for('message') as never]).toBe('2023-11-14T22:13:20.000Z debug epoch 1 begins');
    expect(some.infos.map((info) => info[Symbol.for('message') as never])).toEqual(['<epoch:end>']);
    expect(silent.infos).toEqual([]);
    expect(lost(run)).toEqual({});
  });

  it('follow a level that is changed while the run goes on', () => {
    const { transport, messages } = keeping();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport], level: 'error' }));

    run.emit(epochEnd(1));
    transport.level = 'info';
    run.emit(epochEnd(2));

    expect(messages()).toEqual(['epoch 2 ended']);
  });

  it('that throw lose their own lines alone, told at the first and at the end of the training', () => {
    const healthy = keeping();
    const log = vi.fn(() => {
      throw new Error('no connection');
    });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transportOf(log), healthy.transport] }));

    for (let epoch = 1; epoch <= 3; epoch++) run.emit(epochEnd(epoch));
    expect(lost(run)).toEqual({ [ofTried]: [1] });
    run.emit(trainingEnd);

    expect(lost(run)).toEqual({ [ofTried]: [1, 3] });
    expect(healthy.infos).toHaveLength(4);
    expect(log).toHaveBeenCalledTimes(4); // each line is tried
  });

  it('with a level that winston does not know are refused', () => {
    const run = new FakeRun();
    const { transport } = keeping({ level: 'warning' });
    const sentence =
      'must have one of the levels "error", "warn", "info", "http", "verbose", "debug", "silly", but "warning" came';

    expect(() => winstonLogger({ transports: [transport] })).toThrow(sentence);
    run.connect(winstonLogger({ transports: [() => transport] }));
    run.emit(epochEnd(1));

    expect(run.reported.map(String)).toEqual([expect.stringContaining(sentence)]);
    expect(lost(run)).toEqual({ 'lines of the winston transport 1': [1] });
  });

  it.each<[string, PropertyDescriptor]>([
    ['throws', { get: () => expect.fail('no configuration') }],
    ['is none', { value: 'loud' }],
  ])('whose level %s from then on lose their lines alone', (_, level) => {
    const healthy = keeping();
    const failing = keeping();
    const run = new FakeRun();
    const name = { name: 'tried' };
    run.connect(winstonLogger({ transports: [Object.assign(failing.transport, name), healthy.transport] }));

    run.emit(epochEnd(1));
    Object.defineProperty(failing.transport, 'level', level);
    run.emit(epochEnd(2));
    run.emit({ type: 'epoch:start', epoch: 3 }); // of no level that is wanted

    expect(failing.infos).toHaveLength(1);
    expect(healthy.infos).toHaveLength(2);
    expect(lost(run)).toEqual({ [ofTried]: [1] });
  });

  it.each([
    ['nobody listens', undefined],
    ['answers 500', 500],
    ['answers 200', 200],
  ])('of the Http kind lose the lines for which the server %s, and hold the end of the run', async (_, status) => {
    const server = createServer((request, response) => {
      request.resume().once('end', () => response.writeHead(status ?? 200).end());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const close = () => new Promise((resolve) => server.close(resolve));
    if (status === undefined) await close();
    else onTestFinished(() => void close());
    const onlyTwo = winston.format((info) => info.seq !== 3 && info)();
    const run = new FakeRun();
    const transport = new winston.transports.Http({ host: '127.0.0.1', port, format: onlyTwo });
    run.connect(winstonLogger({ transports: [transport] }));

    for (let epoch = 1; epoch <= 3; epoch++) run.emit(epochEnd(epoch));
    run.end();
    // What is still on its way is looked for every 10 ms.
    await vi.waitFor(async () => {
      await run.clock.advance(10);
      expect(run.clock.pendingTimers).toBe(0);
    });
    await Promise.all(run.held);

    const counts = lost(run)['lines of the winston transport "http"'] ?? [];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(status === 200 ? 0 : 2);
  });

  it('that throw after the end of the training too, as evaluations end, tell the rest at the end of the run', async () => {
    const run = new FakeRun();
    const log = () => {
      throw new Error('no connection');
    };
    run.connect(winstonLogger({ transports: [transportOf(log)] }));

    run.emit(trainingEnd);
    for (let epoch = 1; epoch <= 3; epoch++) run.emit(epochEnd(epoch));
    run.end();
    await Promise.all(run.held);

    expect(lost(run)).toEqual({ [ofTried]: [1, 3] });
  });

  it('get lines that another one cannot change', () => {
    const { transport, messages } = keeping();
    const spoiling = transportOf((info, done) => {
      Object.assign(info, { message: 'spoilt' });
      done();
    });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [spoiling, transport] }));

    run.emit(epochEnd(1));

    expect(messages()).toEqual(['epoch 1 ended']);
  });

  it('that never answer freeze nobody: their lines wait in a ring of 1 024, and are lost when they are stuck', async () => {
    const healthy = keeping();
    const stuck = waiting();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [stuck.transport, healthy.transport], stuckAfterMs: 5000 }));

    for (let epoch = 1; epoch <= 1025; epoch++) run.emit(epochEnd(epoch));
    await run.clock.advance(4999);
    expect(lost(run)).toEqual({});
    await run.clock.advance(1);
    expect(lost(run)).toEqual({ [ofTried]: [1] }); // the one that was not answered
    run.emit(epochEnd(1026)); // the oldest in the ring makes room
    run.emit(trainingEnd);

    expect(lost(run)).toEqual({ [ofTried]: [1, 1026] });
    expect(healthy.infos).toHaveLength(1027);
    expect(stuck.infos).toHaveLength(1);
  });

  it('that answer after all get what has waited, in order', async () => {
    const slow = waiting();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [slow.transport] }));

    for (let epoch = 1; epoch <= 1030; epoch++) run.emit(epochEnd(epoch));
    await run.clock.advance(60_000);
    for (let answers = 0; answers < 1025; answers++) slow.answer();
    run.emit(trainingEnd);

    const kept = [1, ...Array.from({ length: 1024 }, (_, index) => index + 7)];
    expect(slow.infos.map(({ message }) => message)).toEqual([
      ...kept.map((epoch) => `epoch ${epoch} ended`),
      'training ended after 3 epochs, 9 steps',
    ]);
    // At once the first that found no room; then the others, and the one that was not answered in time.
    expect(lost(run)).toEqual({ [ofTried]: [1, 5] });
  });

  it('that say twice that a line failed lose it once', () => {
    const failing = transportOf((_info, done) => {
      failing.emit('error', new Error('no'));
      done(new Error('no'));
      throw new Error('no');
    });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [failing] }));

    run.emit(epochEnd(1));
    run.emit(epochEnd(2));
    failing.emit('error', new Error('of no line'));
    run.emit(trainingEnd);

    expect(lost(run)).toEqual({ [ofTried]: [1, 3] });
  });

  it('are told apart where two have the same name', () => {
    const failing = () =>
      transportOf((_info, done) => {
        done(new Error('no'));
      });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [failing(), keeping({ silent: true }).transport, failing()] }));

    run.emit(epochEnd(1));

    expect(Object.keys(lost(run))).toEqual([`${ofTried} 1`, `${ofTried} 3`]);
  });

  it.each([
    ['a folder is in its place', tmpdir()],
    ['it has too long a name', join(tmpdir(), 'x'.repeat(300))],
    ['the disk is full', '/dev/full'],
  ])('of the File kind whose file cannot be written, because %s, lose all their lines', async (_, filename) => {
    const healthy = keeping();
    const file = new winston.transports.File({ filename });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [file, healthy.transport] }));

    let lines = 0;
    run.emit(epochEnd(++lines));
    await vi.waitFor(() => {
      run.emit(epochEnd(++lines)); // a full disk is only seen when something was written
      expect(run.published).toHaveLength(1);
    });
    run.emit(epochEnd(++lines));
    run.emit(trainingEnd);

    const counts = lost(run)['lines of the winston transport "file"'] ?? [];
    expect(counts).toHaveLength(2);
    expect(counts.reduce((sum, count) => sum + count)).toBe(lines + 1);
    expect(healthy.infos).toHaveLength(lines + 1);
    run.end();
    await Promise.all(run.held); // nothing is waited for
  });

  it('of the File kind whose folder is gone when they begin another file lose what follows', async () => {
    const folder = join(await temporaryFolder(), 'gone');
    const file = new winston.transports.File({ filename: join(folder, 'training.log'), maxsize: 100 });
    const healthy = keeping();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [file, healthy.transport] }));
    run.emit(epochEnd(1));
    await once(file, 'open');
    await rm(folder, { recursive: true });

    let lines = 1;
    await vi.waitFor(() => {
      run.emit(epochEnd(++lines));
      run.emit(trainingEnd);
      lines++;
      expect(lost(run)).not.toEqual({});
    });
    const before = lines;
    run.emit(epochEnd(++lines));
    run.emit(trainingEnd);
    lines++;

    const counts = lost(run)['lines of the winston transport "file"'] ?? [];
    const told = counts.reduce((sum, count) => sum + count);
    expect(told).toBeGreaterThanOrEqual(lines - before);
    expect(told).toBeLessThanOrEqual(lines);
    expect(healthy.infos).toHaveLength(lines);
  });

  it('of the File kind whose last line finds the disk full tell it before the run is over', async () => {
    const file = new winston.transports.File({ filename: '/dev/full' });
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [file] }));

    run.emit(epochEnd(1));
    await vi.waitFor(() => {
      expect(file).toHaveProperty('_dest.errored.code', 'ENOSPC');
    });
    run.end();
    await Promise.all(run.held);

    expect(lost(run)).toEqual({ 'lines of the winston transport "file"': [1] });
  });

  it('of the File kind whose file is written lose nothing', async () => {
    const filename = join(await temporaryFolder(), 'deep', 'training.log');
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [new winston.transports.File({ filename })] }));

    for (let epoch = 1; epoch <= 700; epoch++) run.emit(epochEnd(epoch));
    run.emit(trainingEnd);
    run.end();
    await Promise.all(run.held);

    const lines = (await readFile(filename, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(701);
    expect(lines.at(-1)).toContain('training ended after 3 epochs, 9 steps');
    expect(lost(run)).toEqual({});
    expect(run.clock.pendingTimers).toBe(0);
  });

  it('are made anew for each run where a function makes them; one that throws loses its lines alone, and says why', () => {
    const healthy = [keeping(), keeping()];
    let made = 0;
    const logger = winstonLogger({
      transports: [
        () => new winston.transports.File({ filename: '/dev/null/no/training.log' }),
        () => 'nothing' as never,
        () => healthy[made++]!.transport,
      ],
    });
    const runs = [new FakeRun(), new FakeRun()];

    for (const run of runs) {
      run.connect(logger);
      run.emit(epochEnd(1));
      run.emit({ type: 'epoch:start', epoch: 2 }); // not of its level
      run.emit(trainingEnd);
      run.emit(epochEnd(3));
      run.end();
    }

    for (const run of runs) {
      expect(lost(run)).toEqual({
        'lines of the winston transport 1': [1, 1, 1],
        'lines of the winston transport 2': [1, 1, 1],
      });
      expect(run.reported.map(String)).toEqual([
        expect.stringContaining('ENOTDIR'),
        expect.stringContaining('must give back a winston transport, but "nothing" came'),
      ]);
    }
    expect(healthy.map(({ infos }) => infos.length)).toEqual([3, 3]);
  });

  it('end with their run: in another one they are refused, and that is said', () => {
    const { transport, infos } = keeping();
    const logger = winstonLogger({ transports: [transport] });
    const [first, second] = [new FakeRun(), new FakeRun()];
    first.connect(logger);
    first.end();
    second.connect(logger);

    second.emit(epochEnd(1));

    expect(infos).toEqual([]);
    expect(second.reported.map(String)).toEqual([expect.stringContaining('give a function that makes one')]);
    expect(lost(second)).toEqual({ 'lines of the winston transport 1': [1] });
  });

  it('hold the end of the run until the last line is out, and one that does not answer for no longer than it takes', async () => {
    const transports = { slow: waiting(), never: waiting(), late: waiting() };
    const run = new FakeRun();
    const logger = { transports: Object.values(transports).map(({ transport }) => transport), stuckAfterMs: 5000 };
    run.connect(winstonLogger(logger));
    run.emit(epochEnd(1));
    run.emit(epochEnd(2));
    await run.clock.advance(1000);
    run.end();
    const ended: string[] = [];
    for (const [index, name] of Object.keys(transports).entries()) void run.held[index]?.then(() => ended.push(name));

    transports.slow.answer();
    await run.clock.advance(3998);
    expect(ended).toEqual([]); // its second line is not out
    transports.slow.answer();
    transports.late.answer();
    await run.clock.advance(1);
    expect(ended).toEqual(['slow']);
    await run.clock.advance(1);
    expect(ended).toEqual(['slow', 'never']); // stuck
    await run.clock.advance(999);
    expect(ended).toEqual(['slow', 'never']);
    await run.clock.advance(1);

    expect(ended).toEqual(['slow', 'never', 'late']); // it had its time
    expect(run.clock.pendingTimers).toBe(0);
  });

  it('that are given up at the end of the run have lost what they did not answer', async () => {
    const never = waiting();
    const end = vi.spyOn(never.transport, 'end');
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [never.transport], stuckAfterMs: 5000 }));
    for (let epoch = 1; epoch <= 4; epoch++) run.emit(epochEnd(epoch));
    run.end();

    await run.clock.advance(1000);
    never.answer();
    await run.clock.advance(4000); // the end has waited for so long, and the second line not yet

    expect(never.infos).toHaveLength(2);
    expect(end).toHaveBeenCalledTimes(1);
    expect(lost(run)).toEqual({ [ofTried]: [1, 2] });
    expect(run.clock.pendingTimers).toBe(0);
  });

  it('are closed once their last line is out, or they are given up: what that throws costs nothing', async () => {
    const done: string[] = [];
    const closing = (name: string, log: (info: object, answer: () => void) => void, fails = false) => {
      const close = () => {
        done.push(`${name} closed`);
        if (fails) throw new Error('no');
      };
      return transportOf(log, { close }, name).once('finish', () => done.push(`${name} finished`));
    };
    const answers = (_info: object, answer: () => void) => {
      answer();
    };
    const slow: (() => void)[] = [];
    const run = new FakeRun();
    const transports = [
      closing('fails', answers, true),
      closing('well', answers),
      closing('slow', (_info, answer) => slow.push(answer)),
      closing('never', () => undefined),
    ];
    run.connect(winstonLogger({ transports, stuckAfterMs: 5000 }));
    run.emit(epochEnd(1));
    expect(done).toEqual([]);

    run.end();
    await run.held[0];
    await run.clock.advance(99);
    expect(done).toEqual(['fails finished', 'well finished', 'fails closed', 'well closed']);
    await run.clock.advance(1); // nothing was told of its end
    await run.held[1];
    slow.shift()?.();
    await run.clock.advance(100);
    await run.held[2];
    expect(done.slice(4)).toEqual(['slow finished', 'slow closed']);
    await run.clock.advance(5000);
    await Promise.all(run.held);

    expect(done.slice(6)).toContain('never closed');
    expect(done.filter((each) => each === 'never closed')).toHaveLength(1);
    expect(lost(run)).toEqual({ 'lines of the winston transport "never"': [1] });
  });

  it.each<[string, (written: () => void) => object]>([
    [
      'emit `finish` a second time',
      (written) => ({
        close(this: winston.transport) {
          void setImmediate().then(() => {
            written();
            this.emit('finish');
          });
        },
      }),
    ],
    [
      'give back a promise',
      (written) => ({
        close: async () => {
          await setImmediate();
          written();
        },
      }),
    ],
  ])('that write their last lines in close(), and %s, hold the end of the run till then', async (_, closing) => {
    const written = vi.fn();
    const transport = Object.assign(keeping().transport, closing(written));
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport] }));

    run.emit(epochEnd(1));
    run.end();
    await Promise.all(run.held); // nothing moves the clock

    expect(written).toHaveBeenCalledTimes(1);
    expect(run.clock.pendingTimers).toBe(0);
  });

  it('whose close() never settles hold the end of the run for what is left of its time', async () => {
    const transport = Object.assign(keeping().transport, { close: () => new Promise(() => undefined) });
    const ended = vi.fn();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [transport], stuckAfterMs: 5000 }));

    run.end();
    void run.held[0]?.then(ended);
    await run.clock.advance(4999);
    expect(ended).not.toHaveBeenCalled();
    await run.clock.advance(1);

    expect(ended).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => TransportLike]>([
    [
      'log() gives back promises that are rejected',
      () =>
        transportOf(async (_info, done) => {
          await Promise.reject(new Error('no connection'));
          done();
        }),
    ],
    [
      'log() gives back promises that are rejected after it has answered',
      () =>
        transportOf(async (_info, done) => {
          done();
          await Promise.reject(new Error('no connection'));
        }),
    ],
    ['format is asynchronous', () => keeping({ format: asynchronous }).transport],
    [
      'format has an asynchronous one in it',
      () => keeping({ format: winston.format.combine(asynchronous, winston.format.json()) }).transport,
    ],
  ])('whose %s lose those lines alone', async (_, failing) => {
    const healthy = keeping();
    const run = new FakeRun();
    run.connect(winstonLogger({ transports: [Object.assign(failing(), { name: 'tried' }), healthy.transport] }));

    for (let epoch = 1; epoch <= 3; epoch++) run.emit(epochEnd(epoch));
    run.end();
    await Promise.all(run.held);

    expect(lost(run)).toEqual({ [ofTried]: [1, 2] });
    expect(healthy.infos).toHaveLength(3);
  });

  it('that an asynchronous function makes are refused, and that is said', async () => {
    const run = new FakeRun();
    const failing = () => Promise.reject(new Error('no configuration'));
    run.connect(winstonLogger({ transports: [failing as never] }));

    run.emit(epochEnd(1));
    await setImmediate();

    expect(run.reported.map(String)).toEqual([
      expect.stringContaining('must give back a winston transport, but a Promise came'),
    ]);
    expect(lost(run)).toEqual({ 'lines of the winston transport 1': [1] });
  });

  it('refuse wrong options in one sentence', () => {
    expect(() => winstonLogger({ transports: [] })).toThrow('"transports" must be a list of winston transports');
    expect(() => winstonLogger({ transports: [{}] as never })).toThrow(
      '"transports[0]" must be a winston transport, or a function that makes one',
    );
    expect(() => winstonLogger({ transports: [keeping().transport], file: 'x' })).toThrow(
      'takes one of "logger", "file" and "transports", but "file" and "transports" came',
    );
    expect(() => winstonLogger({ stuckAfterMs: 0 })).toThrow('"stuckAfterMs" must be milliseconds above 0');
  });
});
