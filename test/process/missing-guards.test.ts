import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAlive, onPath } from '../../src/probes/index.ts';
import { tryContainment } from '../../src/supervisor/containment.ts';
import { describeContainment } from '../../src/supervisor/describe-containment.ts';
import { told } from './execute.ts';
import { canMount, inOwnMounts, withoutControlGroups } from './hosts/namespaces.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { isStopped, sleepProgram } from './hosts/situations.ts';
import { missing, missingMounts } from './needs.ts';
import { straysOf, strayToken } from './strays.ts';

let host: ObedientHost;
afterEach(ObedientHost.killAll);

const guards = ['setpriv', 'timeout', 'prlimit', 'sh'] as const;

/** What is not there, and what the description then says does not work. */
const machines: readonly (readonly [string, readonly (typeof guards)[number][], readonly RegExp[]])[] = [
  ['setpriv', ['setpriv'], [/^death signal/, /^priority/]],
  ['timeout', ['timeout'], [/^process group/]],
  ['prlimit', ['prlimit'], []],
  ['setpriv, timeout and prlimit', ['setpriv', 'timeout', 'prlimit'], [/^death signal/, /^priority/, /^process group/]],
  ['any program', [...guards], [/^death signal/, /^process group/, /^limit of writable memory/, /^shell/]],
];

/** A folder of programs, with all of the guards but some. */
function pathWithout(absent: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  for (const program of guards) if (!absent.includes(program)) symlinkSync(placeOf(program), join(folder, program));
  return folder;
}

function placeOf(program: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return join(folders.find((each) => isIn(each, program)) ?? '', program);
}

function isIn(folder: string, program: string): boolean {
  return withPath(folder, () => onPath(program));
}

function withPath<T>(path: string, what: () => T): T {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return what();
  } finally {
    process.env.PATH = before;
  }
}

describe.skipIf(missing('setpriv', 'timeout', 'prlimit', 'sleep')).each(machines)('without %s', (_, absent, missed) => {
  const path = pathWithout(absent);
  // Where there may be mounts of its own, there is no control group either to help.
  const mounts = missingMounts() ? [] : withoutControlGroups;
  const start = (): Promise<ObedientHost> =>
    ObedientHost.start({ through: [...mounts, '/usr/bin/env', `PATH=${path}`] });

  it('what is missing is found, and what takes its place is said', () => {
    const reports = withPath(path, () => describeContainment(tryContainment()));

    for (const name of missed)
      expect(reports.find(({ mechanism }) => name.test(mechanism))).toMatchObject({ works: false });
    const gaps = reports.filter(({ works }) => !works).map(({ mechanism, without }) => `${mechanism}: ${without}`);
    console.info([`Without ${absent.join(', ')}:`, ...gaps].join('\n  '));
  });

  it('deadlines and memory are held, a warm evaluator serves again where it may, and nothing is left', async () => {
    host = await start();

    host.run('deadline', {
      input: { does: 'leave children', sleep: sleepProgram, token: strayToken() },
      limits: { evaluationTimeMs: 800 },
    });
    const deadline = await host.ended('deadline');
    expect(deadline).toMatchObject({ violation: { rule: 'evaluationTimeMs' }, alive: [] });
    expect(straysOf()).toEqual([]);
    host.run('memory', { input: { does: 'eat' }, limits: { memoryMb: 250 } });
    const memory = await host.ended('memory');
    expect(memory).toMatchObject({ violation: { rule: 'memoryMb' }, alive: [] });
    for (const id of ['first', 'second']) {
      host.run(id, { options: { warm: true, concurrency: 1 } });
      expect(await host.ended(id)).toMatchObject({ result: { weights: 0 } });
    }
    // None is kept where a stopped one could outlive its supervisor.
    expect(host.evaluators()).toHaveLength(absent.includes('setpriv') ? 4 : 3);
    // Every rule of an evaluator is held, so there is nothing to tell.
    expect([deadline, memory].flatMap((each) => told(each.told, 'unenforceable'))).toEqual([]);
    await host.ends();
  });

  // Without a program, and without any: what ends them is one of these two.
  if (absent[0] !== 'setpriv' || (absent.length !== 1 && absent.length !== guards.length)) return;

  it('the host killed leaves nothing', async () => {
    host = await start();
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    await host.phase('working');

    process.kill(host.pid, 'SIGKILL');

    await host.isGone();
  });

  it('the supervisor killed: nothing of it is alive, and the next evaluation works', async () => {
    host = await start();
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    await host.phase('working');

    process.kill(host.supervisor, 'SIGKILL');

    expect(await host.ended('first')).toMatchObject({ code: 'SUPERVISOR_LOST', alive: [] });
    expect(straysOf()).toEqual([]);
    host.run('next');
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.ends();
  });

  it.each<readonly [string, (working: ObedientHost) => Promise<unknown>]>([
    [
      'works',
      (working) => {
        working.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
        return working.phase('working');
      },
    ],
    [
      'loads',
      (working) => {
        working.holdsLoading();
        working.run('first');
        return working.phase('loading');
      },
    ],
    [
      'waits, warm,',
      (working) => {
        working.run('first', { options: { warm: true } });
        return working.ended('first');
      },
    ],
  ])('both killed while an evaluator %s: it ends by itself, and the next host clears up', async (__, arrange) => {
    host = await start();
    await arrange(host);
    process.kill(host.pid, 'SIGSTOP');
    await isStopped(host.pid);

    process.kill(host.supervisor, 'SIGKILL');
    process.kill(host.pid, 'SIGKILL');

    await vi.waitFor(
      () => {
        expect(host.evaluators().filter(isAlive)).toEqual([]);
      },
      { timeout: 20_000, interval: 10 },
    );
    const next = await start();
    next.run('next');
    expect(await next.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.isGone();
    await next.ends();
  });
});

const withoutProc = 'mount -t tmpfs -o size=1m tmpfs /proc';

describe.skipIf(missing('setpriv', 'timeout', 'sleep') || !canMount(withoutProc))('without /proc', () => {
  it('a deadline is held, and that memory cannot be is told, and not silence', async () => {
    host = await ObedientHost.start({ through: inOwnMounts(withoutProc) });
    const limits = { evaluationTimeMs: 2500, memoryMb: 1000 };

    host.run('first', { input: { does: 'spin' }, limits });
    const ended = await host.ended('first');

    expect(ended).toMatchObject({ violation: { rule: 'evaluationTimeMs' } });
    expect(told(ended.told, 'unenforceable')).toMatchObject([{ rule: 'memoryMb' }]);
    expect(told(ended.told, 'unmeasured').map(({ rule }) => rule)).toContain('memoryMb');
    expect(host.evaluators().filter(isAlive)).toEqual([]);
    process.kill(host.pid, 'SIGKILL');
    await host.isDead();
  });
});
