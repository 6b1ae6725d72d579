import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAlive } from '../../src/probes/index.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { isStopped } from './hosts/situations.ts';
import { missing } from './needs.ts';

afterEach(() => {
  ObedientHost.killAll();
});

/** A host whose driver's program never answers: it writes its pid down, and hangs in one that it has started. */
async function hostWithHungDriver(): Promise<ObedientHost> {
  return ObedientHost.start((folder) => {
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\necho $$ >>"${join(folder, 'asked')}"\nsleep 3600\n`);
    chmodSync(join(folder, 'nvidia-smi'), 0o755);
    return { env: { PATH: [folder, process.env.PATH].join(delimiter) } };
  });
}

/** The first that was asked, while it hangs. */
function asked(host: ObedientHost): Promise<number> {
  return vi.waitFor(
    () => {
      const path = join(host.folder, 'asked');
      const pid = Number(existsSync(path) ? readFileSync(path, 'utf8').split('\n')[0] : '');
      if (pid === 0 || !isAlive(pid)) throw new Error('nobody was asked yet');
      return pid;
    },
    { timeout: 60_000, interval: 5 },
  );
}

describe.skipIf(missing('setpriv', 'sleep'))('a driver that hangs', () => {
  it('is left nothing of when the host is killed', async () => {
    const host = await hostWithHungDriver();
    host.run('one', { input: { does: 'spin' } });
    await asked(host);

    process.kill(host.pid, 'SIGKILL');

    await host.isGone();
  });

  it('is left nothing of when the host and the supervisor are killed', async () => {
    const host = await hostWithHungDriver();
    host.run('one', { input: { does: 'spin' } });
    await asked(host);

    // Stopped, it cannot answer its supervisor's death.
    process.kill(host.pid, 'SIGSTOP');
    await isStopped(host.pid);

    process.kill(host.supervisor, 'SIGKILL');
    process.kill(host.pid, 'SIGKILL');

    await host.isDead();
    // Its files are the next one's to remove.
    const next = await ObedientHost.start();
    next.run('next');
    await next.ended('next');
    await host.isGone();
    await next.ends();
  });

  it.each([['killed'], ['killed with what asks']])(
    'is left nothing of when the supervisor is %s, and the next one begins',
    async (how) => {
      const host = await hostWithHungDriver();
      host.run('one', { input: { does: 'spin' } });
      const hung = await asked(host);
      const { supervisor } = host;
      // The probe is the parent of what it asks.
      const probe = Number(/PPid:\t(\d+)/.exec(readFileSync(`/proc/${hung}/status`, 'utf8'))?.[1]);

      process.kill(supervisor, 'SIGKILL');
      if (how === 'killed with what asks') process.kill(probe, 'SIGKILL');

      expect(await host.ended('one')).toMatchObject({ code: 'SUPERVISOR_LOST' });
      await vi.waitFor(
        () => {
          expect(isAlive(hung)).toBe(false);
          expect(childrenLeft(host)).toEqual([]);
        },
        { timeout: 20_000, interval: 10 },
      );
      await host.ends();
    },
  );
});

/** The programs that hang in the place of the driver. */
function childrenLeft(host: ObedientHost): readonly number[] {
  return host.processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep');
    } catch {
      return false; // gone
    }
  });
}
