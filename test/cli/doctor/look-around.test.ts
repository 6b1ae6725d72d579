import { afterEach, expect, it, vi } from 'vitest';
import { measures } from '../../../src/cli/doctor/look-around.ts';

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  accessSync: () => {
    throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
  },
}));

afterEach(() => {
  vi.unstubAllEnvs();
});

// It was said to be all right, by what is free there.
it('shared memory that may not be written is told, and what takes its place', async () => {
  vi.stubEnv('PATH', '');

  const [memory] = await measures();

  expect(memory).toMatchObject({
    what: 'shared memory for inputs and results',
    status: 'limited',
    seen: expect.stringMatching(/may not be written: everything goes through/) as string,
  });
});
