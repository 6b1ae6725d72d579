import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/probes/index.ts';
import type { Violation } from '../../src/events/index.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { runHost, type Surroundings } from './hosts/run-host.ts';
import { isStopped, sleepProgram } from './hosts/situations.ts';
import { missing } from './needs.ts';
import { strayToken } from './strays.ts';

let host: ObedientHost;
afterEach(ObedientHost.killAll);

describe.skipIf(missing())('the host’s thread blocked for 2 s, with a limit of 300 ms', () => {
  it('the evaluator’s last heartbeat lies well before the block’s end', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'heartbeat');
    const blocked = runHost('blocked', [path]);

    const { blockedFrom, blockedTo } = (await blocked.next('blockedFrom')) as {
      blockedFrom: number;
      blockedTo: number;
    };
    const { violation } = (await blocked.next('violation')) as { violation: Violation };
    await blocked.exited;

    const lastHeartbeat = Number(readFileSync(path, 'utf8'));
    expect(lastHeartbeat).toBeLessThan(blockedTo - 500);
    expect(lastHeartbeat).toBeGreaterThan(blockedFrom - 1000);
    expect(violation).toMatchObject({ rule: 'evaluationTimeMs', limit: 300 });
    expect(violation.goneAt).toBeLessThan(blockedTo - 500);
    // How late the host heard of it is told apart.
    expect(violation.lateByHostMs).toBeGreaterThan(500);
  });
});

describe.skipIf(missing('setpriv', 'timeout', 'sleep'))('the host stopped for 5 s, and continued', () => {
  it('limits were held meanwhile, what answered in time is not late, and its supervisor is the same', async () => {
    host = await ObedientHost.start();
    const { supervisor } = host;
    host.run('too long', { input: { does: 'spin' }, limits: { evaluationTimeMs: 1000 } });
    await host.started('too long');
    const go = join(host.folder, 'go');
    host.run('in time', { input: { does: 'wait for a file', path: go }, limits: { evaluationTimeMs: 4000 } });
    await host.started('in time');
    const [spinning, waiting] = [await host.phase('working'), await host.phase('working', 2)];

    process.kill(host.pid, 'SIGSTOP');
    await isStopped(host.pid);
    const stoppedAt = Date.now();
    host.makeFile('go');
    await setTimeout(5000);
    expect([spinning, waiting].filter(isAlive)).toEqual([]);
    const continuedAt = Date.now();
    process.kill(host.pid, 'SIGCONT');

    expect(await host.ended('in time')).toMatchObject({ result: { waited: true }, alive: [] });
    const { kind, violation, alive } = await host.ended('too long');
    expect({ kind, alive }).toEqual({ kind: 'violation', alive: [] });
    expect(violation).toMatchObject({ rule: 'evaluationTimeMs', limit: 1000 });
    expect(violation?.goneAt).toBeGreaterThan(stoppedAt - 1000);
    expect(violation?.goneAt).toBeLessThan(stoppedAt + 2500);
    expect(violation?.lateByHostMs).toBeGreaterThan(continuedAt - (violation?.goneAt ?? 0) - 100);
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    expect((await host.look()).supervisors).toMatchObject([{ pid: supervisor }]);
    await host.ends();
  });
});

describe.skipIf(missing('setpriv', 'timeout', 'sleep'))('the host ended in the middle', () => {
  const ways: readonly (readonly [string, Surroundings, (ending: ObedientHost) => void, unknown])[] = [
    [
      'by Ctrl-C at its terminal, which its whole group hears',
      { hasOwnGroup: true },
      ({ pid }) => {
        process.kill(-pid, 'SIGINT');
      },
      [null, 'SIGINT'],
    ],
    [
      'by a terminal that was closed',
      { hasOwnGroup: true },
      ({ pid }) => {
        process.kill(-pid, 'SIGHUP');
      },
      [null, 'SIGHUP'],
    ],
    [
      'by a polite SIGTERM to its whole group',
      { hasOwnGroup: true },
      ({ pid }) => {
        process.kill(-pid, 'SIGTERM');
      },
      [null, 'SIGTERM'],
    ],
    [
      'by process.exit',
      {},
      (ending) => {
        ending.tell({ do: 'exit' });
      },
      [3, null],
    ],
    [
      'by an error that nobody caught',
      { stderr: 'ignore' },
      (ending) => {
        ending.tell({ do: 'throw' });
      },
      [1, null],
    ],
  ];

  it.each(ways)('%s leaves nothing alive, and no file', async (_, surroundings, end, how) => {
    host = await ObedientHost.start(surroundings);
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    host.run('second', { options: { warm: true } });
    await host.phase('working');
    await host.ended('second');

    end(host);

    expect(await host.exited).toEqual(how);
    await host.isGone();
  });

  it('Ctrl-C that the host survives costs no evaluation', async () => {
    host = await ObedientHost.start({ hasOwnGroup: true });
    const { supervisor } = host;
    const go = join(host.folder, 'go');
    host.tell({ do: 'survive SIGINT' });
    host.run('first', { input: { does: 'wait for a file', path: go } });
    await host.phase('working');
    await host.look();

    process.kill(-host.pid, 'SIGINT');
    host.makeFile('go');

    expect(await host.ended('first')).toMatchObject({ result: { waited: true } });
    expect((await host.look()).supervisors).toMatchObject([{ pid: supervisor }]);
    await host.ends();
  });
});
