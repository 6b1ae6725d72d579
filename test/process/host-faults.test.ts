import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isAlive } from '../../src/probes/index.ts';
import type { Violation } from '../../src/events/index.ts';
import { runHost } from './hosts/run-host.ts';
import { missing } from './needs.ts';

const untilNoneIsAlive = (pids: readonly number[]): Promise<void> =>
  vi.waitFor(
    () => {
      expect(pids.filter(isAlive)).toEqual([]);
    },
    { timeout: 20_000, interval: 10 },
  );

describe.skipIf(missing())('the host’s thread blocked for 2 s, with a limit of 300 ms', () => {
  it('the evaluator’s last heartbeat lies well before the block’s end', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'heartbeat');
    const host = runHost('blocked', path);

    const { blockedFrom, blockedTo } = (await host.next('blockedFrom')) as { blockedFrom: number; blockedTo: number };
    const { violation } = (await host.next('violation')) as { violation: Violation };
    await host.exited;

    const lastHeartbeat = Number(readFileSync(path, 'utf8'));
    expect(lastHeartbeat).toBeLessThan(blockedTo - 500);
    expect(lastHeartbeat).toBeGreaterThan(blockedFrom - 1000);
    expect(violation).toMatchObject({ rule: 'evaluationTimeMs', limit: 300 });
    expect(violation.goneAt).toBeLessThan(blockedTo - 500);
    // How late the host heard of it is told apart.
    expect(violation.lateByHostMs).toBeGreaterThan(500);
  });
});

describe.skipIf(missing('setpriv', 'timeout'))('the host killed', () => {
  it.each(['leaves-grandchildren', 'spin'])('leaves nothing alive of %s, and no shared memory', async (name) => {
    const host = runHost('evaluating', name);
    const { processes, scratch } = (await host.next('processes')) as { processes: number[]; scratch: string[] };
    expect(processes.filter(isAlive)).toEqual(processes);

    host.child.kill('SIGKILL');

    await untilNoneIsAlive(processes);
    expect(scratch.filter((folder) => existsSync(join('/dev/shm', folder)))).toEqual([]);
  });

  it('while its supervisor is stopped leaves nothing alive either', async () => {
    const host = runHost('evaluating', 'spin');
    const { processes, supervisor } = (await host.next('processes')) as { processes: number[]; supervisor: number };
    process.kill(supervisor, 'SIGSTOP');

    host.child.kill('SIGKILL');

    await untilNoneIsAlive(processes);
  });
});

describe.skipIf(missing('setpriv', 'timeout'))('the supervisor lost', () => {
  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'by %s: its evaluator dies, the evaluation is SUPERVISOR_LOST, the next one works',
    async (signal) => {
      const host = runHost('evaluating');
      const { processes, supervisor } = (await host.next('processes')) as { processes: number[]; supervisor: number };

      process.kill(supervisor, signal);

      expect(await host.next('ended')).toMatchObject({ ended: 'SUPERVISOR_LOST', kind: 'crashed', alive: [] });
      expect(processes.filter(isAlive)).toEqual([]);
      const { second, supervisors } = await host.next('second');
      expect(second).toEqual({ left: 4 });
      expect(supervisors).toHaveLength(1);
      expect(supervisors).not.toContain(supervisor);
      // Nothing of ours keeps it alive once its evaluations are over.
      await host.exited;
    },
  );
});
