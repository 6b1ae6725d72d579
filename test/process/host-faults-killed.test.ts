import { afterAll, describe, expect, it, vi } from 'vitest';
import { isAlive } from '../../src/probes/index.ts';
import { withoutControlGroups } from './hosts/namespaces.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { isStopped, situations, situationsOfTheKernel } from './hosts/situations.ts';
import { hasControlGroups, missing } from './needs.ts';

const wanted = ['setpriv', 'timeout', 'sleep', 'setsid', 'mkfifo'] as const;
afterAll(ObedientHost.killAll);

describe.skipIf(missing(...wanted))('the host killed, and nothing is left', () => {
  it.concurrent.each(situations.map((each) => [each.name, each] as const))(
    'while %s',
    async (_, { surroundings, arrange }) => {
      const host = await ObedientHost.start(surroundings);
      await arrange(host);
      expect(host.processes().length).toBeGreaterThan(2);

      process.kill(host.pid, 'SIGKILL');

      await host.isGone();
    },
  );

  it.concurrent.each(situations.map((each) => [each.name, each] as const))(
    'with its supervisor stopped, while %s',
    async (_, { surroundings, arrange }) => {
      const host = await ObedientHost.start(surroundings);
      await arrange(host);
      process.kill(host.supervisor, 'SIGSTOP');
      await isStopped(host.supervisor);

      process.kill(host.pid, 'SIGKILL');

      await host.isGone();
    },
  );
});

describe.skipIf(missing(...wanted))('the host and its supervisor killed in the same instant', () => {
  it.concurrent.each(situationsOfTheKernel.map((each) => [each.name, each] as const))(
    'while %s: the kernel ends the evaluators, and the next host’s supervisor removes the files',
    async (_, { surroundings, arrange }) => {
      const host = await ObedientHost.start(surroundings);
      await arrange(host);
      const folders = host.folders();
      expect(folders.length).toBeGreaterThan(hasControlGroups() ? 1 : 0);
      // Stopped, it cannot answer its supervisor's death.
      process.kill(host.pid, 'SIGSTOP');
      await isStopped(host.pid);

      process.kill(host.supervisor, 'SIGKILL');
      process.kill(host.pid, 'SIGKILL');

      await evaluatorsAreGone(host);
      const next = await ObedientHost.start();
      next.run('next');
      expect(await next.ended('next')).toMatchObject({ result: { weights: 0 } });
      await host.isGone();
      await next.ends();
    },
  );
});

describe.skipIf(missing(...wanted, 'unshare'))('the same where there are no control groups', () => {
  it('the next host’s supervisor ends also what has begun a session of its own', async () => {
    const through = withoutControlGroups;
    const [working] = situations.filter(({ name }) => name.includes('children of its own'));
    const host = await ObedientHost.start({ through });
    await working?.arrange(host);
    process.kill(host.pid, 'SIGSTOP');
    await isStopped(host.pid);

    process.kill(host.supervisor, 'SIGKILL');
    process.kill(host.pid, 'SIGKILL');

    await evaluatorsAreGone(host);
    expect(host.processes()).toHaveLength(1);
    const next = await ObedientHost.start({ through });
    next.run('next');
    expect(await next.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.isGone();
    await next.ends();
  });
});

/** The evaluators themselves, and what has stayed in their group: a session of its own is nobody's but ours to find. */
async function evaluatorsAreGone(host: ObedientHost): Promise<void> {
  await vi.waitFor(
    () => {
      expect(host.evaluators().filter(isAlive)).toEqual([]);
      expect(host.processes().length).toBeLessThan(2);
    },
    { timeout: 20_000, interval: 10 },
  );
}
