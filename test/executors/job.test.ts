import { describe, expect, it } from 'vitest';
import { createJob } from '../../src/executors/index.ts';

describe('the telemetry of a job', () => {
  it('that throws holds up nobody, and its error is reported to the process', async () => {
    const former = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const reported = new Promise((resolve) => process.once('uncaughtException', resolve));
    const job = createJob({
      input: {},
      telemetry: {
        next: () => {
          throw new Error('mine');
        },
      },
    });

    expect(() => {
      job.telemetry.next({ type: 'started' });
    }).not.toThrow();
    const error = await reported;
    for (const listener of former) process.on('uncaughtException', listener);
    expect(error).toMatchObject({ message: 'mine' });
  });
});
