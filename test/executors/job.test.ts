import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import { createJob, inlineExecutor, type PaceOrder } from '../../src/executors/index.ts';

const wrongFields: readonly (readonly [object, string])[] = [
  [
    { limits: { memoryMb: '1GB' } },
    '"limits.memoryMb" must be a number above 0 (MB of 2^20 bytes), or left out, but "1GB" came',
  ],
  [
    { limits: { memoryMb: NaN } },
    '"limits.memoryMb" must be a number above 0 (MB of 2^20 bytes), or left out, but NaN came',
  ],
  [
    { limits: { startTimeMs: 0 } },
    '"limits.startTimeMs" must be a number above 0 (milliseconds), or left out, but 0 came',
  ],
  [
    { limits: { itemTimeMs: Infinity } },
    '"limits.itemTimeMs" must be a number above 0 (milliseconds), or left out, but Infinity came',
  ],
  [{ limits: { memoryMB: 1 } }, 'an unknown key "limits.memoryMB": did you mean "memoryMb"?'],
  [{ limits: null }, '"limits" must be an object of limits'],
  [{ graceMs: NaN }, '"graceMs" must be a number from 0 on (milliseconds), but NaN came'],
  [{ graceMs: -1 }, '"graceMs" must be a number from 0 on (milliseconds), but -1 came'],
  [{ seed: 'x' }, '"seed" must be a whole number from 0 to 2^32 - 1, but "x" came'],
  [{ seed: 1.5 }, '"seed" must be a whole number from 0 to 2^32 - 1, but 1.5 came'],
  [{ seed: 2 ** 32 }, '"seed" must be a whole number from 0 to 2^32 - 1, but 4294967296 came'],
  [{ maxResultMb: '256' }, '"maxResultMb" must be a number above 0 (MB of 2^20 bytes), but "256" came'],
  [{ id: '' }, '"id" must be a string that is not empty, but "" came'],
  [{ name: 7 }, '"name" must be a string, but 7 came'],
  [{ logFolder: 7 }, '"logFolder" must be the path of a folder, but 7 came'],
  [{ telemetry: () => 1 }, '"telemetry" must be an object with a function "next", but a function came'],
];

describe('a job of wrong fields is refused in one sentence', () => {
  it.each(wrongFields)('as options: %o', (fields, sentence) => {
    const make = (): unknown => createJob({ input: 1, ...fields });

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });

  it.each(wrongFields)('as a whole job that was made by hand: %o', (fields, sentence) => {
    const run = inlineExecutor(() => 1);

    expect(() => run({ ...createJob({ input: 1 }), ...fields })).toThrow(sentence);
  });

  it.each([
    [undefined, 'A job must be an object with an input, { input }, but undefined came'],
    [7, 'A job must be an object with an input, { input }, but 7 came'],
    [{ ...createJob({ input: 1 }), onAbort: 7 }, 'A job: "onAbort" must be a function, but 7 came'],
  ])('that is %o', (job, sentence) => {
    expect(() => inlineExecutor(() => 1)(job as never)).toThrow(sentence);
  });

  it('for an option that is none; an object of somebody’s own may hold what is his', () => {
    const own = { input: 1, limit: {} };

    expect(() => createJob(own)).toThrow('A job has an unknown key "limit": did you mean "limits"?');
    expect(() => inlineExecutor(() => 1)(own as never)).not.toThrow();
  });

  it('and one of right fields, at each boundary, is taken', () => {
    const limits = { evaluationTimeMs: 0.5, memoryMb: undefined as never };
    const fields = { input: undefined, seed: 2 ** 32 - 1, graceMs: 0, maxResultMb: 0.1, logFolder: undefined, limits };

    expect(createJob(fields)).toMatchObject(fields);
  });
});

describe('the orders to pause of a job', () => {
  it('reach who listens, and say whether anybody does', () => {
    const job = createJob({ input: 1 });
    const heard: PaceOrder[] = [];

    expect(job.pace({ order: 1, pauseMs: 5 })).toBe(false);
    const stop = job.onPace((order) => heard.push(order));
    expect(job.pace({ order: 2, pauseMs: 5 })).toBe(true);
    stop();
    expect(job.pace({ order: 3, pauseMs: 0 })).toBe(false);

    expect(heard).toEqual([{ order: 2, pauseMs: 5 }]);
  });

  it('hurt nobody where a listener throws: a training gives them between its steps', async () => {
    const job = createJob({ input: 1 });
    job.onPace(() => {
      throw new Error('mine');
    });

    const error = await reportedBy(() => {
      expect(job.pace({ order: 1, pauseMs: 5 })).toBe(true);
    });
    expect(error).toMatchObject({ message: 'mine' });
  });
});

describe('the telemetry of a job', () => {
  it('that throws holds up nobody, and its error is reported to the process', async () => {
    const job = createJob({
      input: {},
      telemetry: {
        next: () => {
          throw new Error('mine');
        },
      },
    });

    const error = await reportedBy(() => {
      job.telemetry.next({ type: 'started' });
    });
    expect(error).toMatchObject({ message: 'mine' });
  });
});

/** What is reported to the process after `work`, which itself throws nothing. */
async function reportedBy(work: () => void): Promise<unknown> {
  const former = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const reported = new Promise((resolve) => process.once('uncaughtException', resolve));
  work();
  const error = await reported;
  for (const listener of former) process.on('uncaughtException', listener);
  return error;
}
