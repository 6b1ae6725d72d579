import { afterAll, describe, expect, it, vi } from 'vitest';
import { ObedientHost } from './hosts/obedient-host.ts';
import { situations } from './hosts/situations.ts';
import { missing } from './needs.ts';

afterAll(ObedientHost.killAll);

describe
  .skipIf(missing('setpriv', 'timeout', 'sleep', 'setsid', 'mkfifo'))
  .each(situations.map((each) => [each.name, each] as const))(
  'the supervisor lost while %s',
  (_, { surroundings, arrange, after }) => {
    it.concurrent.each(['SIGKILL', 'SIGSTOP'] as const)('by %s', async (signal) => {
      const host = await ObedientHost.start(surroundings);
      const inFlight = await arrange(host);
      const lost = host.supervisor;
      const below = [lost, ...host.processesOfEvaluations()];

      process.kill(lost, signal);

      for (const id of inFlight)
        expect(await host.ended(id)).toMatchObject({ code: 'SUPERVISOR_LOST', kind: 'crashed', alive: [] });
      if (inFlight.length === 0) await noticed(host, signal);
      else expect(host.processes().filter((pid) => below.includes(pid))).toEqual([]);
      // Where nobody waited for it, its evaluators may die a moment later.
      await vi.waitFor(() => {
        expect(host.processes().filter((pid) => below.includes(pid))).toEqual([]);
      }, 20_000);

      after?.(host);
      host.run('next', { megabytes: 1 });
      expect(await host.ended('next')).toMatchObject({ result: { weights: 2 ** 18 }, alive: [] });
      const { supervisors, folders } = await host.look();
      expect(supervisors).toHaveLength(1);
      expect(supervisors[0]?.pid).not.toBe(lost);
      expect(folders).toHaveLength(1);
      await host.ends();
    });
  },
);

/**
 * Where nothing runs, the host learns that its supervisor was stopped with the next evaluation. That may be so after a death too, if it
 * comes before the host has heard of it.
 */
async function noticed(host: ObedientHost, signal: NodeJS.Signals): Promise<void> {
  host.run('unlucky', { megabytes: 1 });
  const ended = await host.ended('unlucky');
  if (signal === 'SIGSTOP') expect(ended).toMatchObject({ code: 'SUPERVISOR_LOST' });
  else expect([undefined, 'SUPERVISOR_LOST']).toContain((ended as { readonly code?: string }).code);
  expect(ended).toMatchObject({ alive: [] });
}
