import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readProc } from '../../src/probes/index.ts';
import { canMount, inOwnMounts } from './hosts/namespaces.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { asOtherUser, missingOtherUser, ofOtherUser } from './hosts/other-user.ts';
import { sleepProgram } from './hosts/situations.ts';
import { missing } from './needs.ts';
import { straysOf, strayToken } from './strays.ts';

let host: ObedientHost;
afterEach(ObedientHost.killAll);

const isMissing = missing('setpriv', 'timeout', 'sleep') || missingOtherUser();

describe.skipIf(isMissing)('a user that is not root', () => {
  const rules: readonly (readonly [string, object, object, string])[] = [
    ['a deadline', { does: 'spin' }, { evaluationTimeMs: 400 }, 'evaluationTimeMs'],
    ['memory', { does: 'eat' }, { memoryMb: 200 }, 'memoryMb'],
    ['memory of a grandchild', { does: 'eat in a grandchild' }, { memoryMb: 300 }, 'memoryMb'],
    [
      'a deadline, of a tree with sessions of its own',
      { does: 'leave children', sleep: sleepProgram, token: strayToken() },
      { evaluationTimeMs: 700 },
      'evaluationTimeMs',
    ],
  ];

  it.each(rules)('%s is held, and nothing is left', async (_, input, limits, rule) => {
    host = await ObedientHost.start(ofOtherUser);
    expect(statusOf(host.supervisor)).not.toMatch(/^Uid:\t0\t/m);

    host.run('first', { input, limits });
    const pid = await host.phase('working');
    const priority = getPriority(pid);
    const { kind, violation, alive } = await host.ended('first');

    expect({ kind, alive, priority }).toEqual({ kind: 'violation', alive: [], priority: 19 });
    expect(violation).toMatchObject({ rule });
    expect(straysOf()).toEqual([]);
    await host.ends();
  });

  it('its host killed, nothing is left', async () => {
    host = await ObedientHost.start(ofOtherUser);
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    await host.phase('working');

    process.kill(host.pid, 'SIGKILL');

    await host.isGone();
  });

  it('its supervisor killed, the evaluation is SUPERVISOR_LOST and the next one works', async () => {
    host = await ObedientHost.start(ofOtherUser);
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    await host.phase('working');

    process.kill(host.supervisor, 'SIGKILL');

    expect(await host.ended('first')).toMatchObject({ code: 'SUPERVISOR_LOST', alive: [] });
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.ends();
  });
});

describe.skipIf(isMissing)('entries of /proc that cannot be read', () => {
  it('a child whose environment nobody may see is ended with its evaluation', async () => {
    host = await ObedientHost.start(ofOtherUser);
    const program = join(host.folder, 'sleep');
    copyFileSync(sleepProgram, program);
    chmodSync(program, 0o111);
    const token = strayToken();
    host.run('first', { input: { does: 'run a program', program, args: [token] }, limits: { evaluationTimeMs: 700 } });
    await host.phase('working');
    const [child = 0] = straysOf(token);
    expect(environmentAsOtherUser(child)).toBe('unreadable');

    expect(await host.ended('first')).toMatchObject({ kind: 'violation', alive: [] });

    expect(straysOf(token)).toEqual([]);
    await host.ends();
  });

  const mounts = [
    ['what belongs to others is hidden', 'mount -t proc -o hidepid=2 proc /proc'],
    ['only processes are there', 'mount -t proc -o subset=pid proc /proc'],
  ] as const;

  it.each(mounts.filter(([, script]) => canMount(script)))(
    'where %s, limits hold and nothing is left',
    async (_, script) => {
      host = await ObedientHost.start((folder) => {
        const { through = [], env = {} } = ofOtherUser(folder);
        return { through: [...inOwnMounts(script), ...through], env };
      });

      host.run('first', {
        input: { does: 'leave children', sleep: sleepProgram, token: strayToken() },
        limits: { evaluationTimeMs: 700 },
      });
      expect(await host.ended('first')).toMatchObject({ kind: 'violation', violation: { rule: 'evaluationTimeMs' } });
      expect(straysOf()).toEqual([]);
      host.run('second', { input: { does: 'eat' }, limits: { memoryMb: 200 } });
      expect(await host.ended('second')).toMatchObject({ kind: 'violation', violation: { rule: 'memoryMb' } });
      await host.ends();
    },
  );
});

describe.skipIf(isMissing || missing('prlimit'))('no process that the system would give', () => {
  it('to the supervisor: the evaluation is EVALUATION_NOT_STARTED, another’s limit is held, and the next one works', async () => {
    host = await ObedientHost.start(ofOtherUser);
    const { supervisor } = host;
    host.run('running', { input: { does: 'spin' }, limits: { evaluationTimeMs: 2500 }, logFolder: logs() });
    await host.phase('working');

    mayHaveNoMore(supervisor);
    host.run('first');
    const { code, kind, message } = await host.ended('first');

    expect({ code, kind }).toEqual({ code: 'EVALUATION_NOT_STARTED', kind: 'rejected' });
    expect(message).toMatch(/^The evaluation could not be started: .+/);
    expect(await host.ended('running')).toMatchObject({ kind: 'violation', alive: [] });
    mayHaveMore(supervisor);
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    expect((await host.look()).supervisors).toMatchObject([{ pid: supervisor }]);
    await host.ends();
  });

  it('to an evaluator: its own fork fails, what it printed is kept, and the next one works', async () => {
    host = await ObedientHost.start(ofOtherUser);
    const { supervisor } = host;
    host.run('first', { input: { does: 'print and fork', path: join(host.folder, 'go') }, logFolder: logs() });
    const pid = await host.phase('working');

    mayHaveNoMore(supervisor);
    mayHaveNoMore(pid);
    host.makeFile('go');
    const { code, message } = await host.ended('first');

    expect(code).toBe('EVALUATOR_CRASHED');
    expect(message).toContain('EAGAIN');
    expect(readFileSync(join(logs(), 'stdout.log'), 'utf8')).toBe('about to fork\n');
    mayHaveMore(supervisor);
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    expect((await host.look()).supervisors).toMatchObject([{ pid: supervisor }]);
    await host.ends();
  });

  it('to the host, whose supervisor is lost: the evaluation is SUPERVISOR_LOST, the next one EVALUATION_NOT_STARTED, and one after that works', async () => {
    host = await ObedientHost.start(ofOtherUser);
    host.run('first', { input: { does: 'spin' } });
    const pid = await host.phase('working');

    mayHaveNoMore(host.pid);
    process.kill(host.supervisor, 'SIGKILL');

    expect(await host.ended('first')).toMatchObject({ code: 'SUPERVISOR_LOST', kind: 'crashed' });
    expect(host.processes()).not.toContain(pid);
    host.run('second');
    expect(await host.ended('second')).toMatchObject({ code: 'EVALUATION_NOT_STARTED', kind: 'rejected' });
    mayHaveMore(host.pid);
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.ends();
  });

  const logs = (): string => join(host.folder, 'tmp', 'logs');
});

/** No more than it has: one is less than that. The hard limit stays, so that it may be undone. */
function mayHaveNoMore(pid: number): void {
  limitProcesses(pid, '1');
}

function mayHaveMore(pid: number): void {
  limitProcesses(pid, /^Max processes +\S+ +(\S+)/m.exec(readProc(`/proc/${pid}/limits`) ?? '')?.[1] ?? 'unlimited');
}

/** Told by its own user: root may not everywhere. */
function limitProcesses(pid: number, soft: string): void {
  const [command, ...args] = [...asOtherUser, 'prlimit', '--pid', String(pid), `--nproc=${soft}:`];
  execFileSync(command, args);
}

function statusOf(pid: number): string {
  return readProc(`/proc/${pid}/status`) ?? '';
}

function environmentAsOtherUser(pid: number): 'readable' | 'unreadable' {
  const [command, ...args] = [
    ...asOtherUser,
    'sh',
    '-c',
    `cat /proc/${pid}/environ >/dev/null 2>&1 || echo unreadable`,
  ];
  return execFileSync(command, args, { encoding: 'utf8' }).trim() === 'unreadable' ? 'unreadable' : 'readable';
}
