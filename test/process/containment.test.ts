import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandExecutor, processExecutor } from '../../src/executors/index.ts';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { isAlive, listProc, onPath } from '../../src/probes/index.ts';
import { tryContainment } from '../../src/supervisor/containment.ts';
import type { ControlGroup } from '../../src/supervisor/control-group.ts';
import { gateCommand } from '../../src/supervisor/gate.ts';
import { launchCommand } from '../../src/supervisor/launch.ts';
import { dataLimitMbOf } from '../../src/supervisor/memory-layers.ts';
import { controlGroupVariable, frameReader, lifeFd, lifeVariable } from '../../src/wire/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute } from './execute.ts';
import { missing } from './needs.ts';

/** Leaves its parents and its session, clears its environment, and tells the pid under which it lives on. */
const escapes = `
setsid env -i /bin/sh -c '(/bin/sh -c "echo \\$\\$; exec sleep 600" &) &' &
wait`;

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts a program with the pipes of an evaluator, and hears what it tells. */
function start([command = '', ...args]: readonly string[], env: Record<string, string> = {}, cwd = tmpdir()) {
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
  const child = spawn(command, args, { stdio: [...stdio], env: { ...process.env, ...env }, cwd });
  started.push(child);
  const pipes: readonly unknown[] = child.stdio;
  const frames: unknown[] = [];
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  (pipes[3] as Readable).on(
    'data',
    frameReader((frame) => frames.push(frame)),
  );
  (pipes[4] as Writable).on('error', () => undefined);
  (pipes[5] as Writable).on('error', () => undefined);
  return {
    child,
    frames,
    closed: new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, stdout, stderr });
      });
    }),
    say: (line: string): void => void (pipes[4] as Writable).write(`${line}\n`),
    endLife: (): void => void (pipes[5] as Writable).destroy(),
    stdout: () => stdout,
  };
}

const eventually = (assertion: () => void): Promise<void> => vi.waitFor(assertion, { timeout: 20_000, interval: 10 });

/** A PATH of these programs alone. */
function pathOf(...programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  for (const program of programs) {
    const found = (process.env.PATH ?? '').split(delimiter).find((each) => readable(each).includes(program));
    if (found !== undefined) symlinkSync(join(found, program), join(folder, program));
  }
  return folder;
}

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

describe.skipIf(missing('setpriv', 'timeout', 'prlimit'))('tryContainment', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('finds every guard where all are installed, and leaves nothing behind', () => {
    const { controlGroups, ...found } = tryContainment();

    expect(found).toMatchObject({ timeout: true, parentDeathSignal: true, dataLimit: 'prlimit', shell: true });
    expect(found).toMatchObject({ outOfMemoryScore: true, processFiles: true });
    const left = controlGroups === undefined ? [] : readdirSync(controlGroups.folder);
    expect(left.filter((name) => name.endsWith('-tried'))).toEqual([]);
  });

  it.each([
    [['sh'], { timeout: false, parentDeathSignal: false, keepsPriority: false, dataLimit: 'ulimit', shell: true }],
    [['sh', 'timeout'], { timeout: true, parentDeathSignal: false, dataLimit: 'ulimit', shell: true }],
    [['sh', 'setpriv'], { timeout: false, parentDeathSignal: true, dataLimit: 'ulimit' }],
    [['sh', 'prlimit'], { timeout: false, parentDeathSignal: false, dataLimit: 'prlimit' }],
    [[], { timeout: false, parentDeathSignal: false, dataLimit: false, shell: false, controlGroups: undefined }],
  ])('with %j alone finds what these give', (programs, expected) => {
    vi.stubEnv('PATH', pathOf(...programs));

    expect(tryContainment()).toMatchObject(expected);
  });

  it('does not believe a program of the right name', () => {
    const folder = pathOf('sh');
    for (const name of ['timeout', 'setpriv', 'prlimit'])
      writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    // This one runs its command, and gives it no group.
    writeFileSync(join(folder, 'timeout'), '#!/bin/sh\nshift 3; exec "$@"\n', { mode: 0o755 });
    vi.stubEnv('PATH', folder);

    expect(tryContainment()).toMatchObject({ timeout: false, parentDeathSignal: false, dataLimit: 'ulimit' });
  });
});

describe.skipIf(missing('setpriv', 'timeout', 'prlimit'))('an evaluation’s own PATH', () => {
  const limits = { startTimeMs: 60_000, evaluationTimeMs: 60_000, memoryMb: 1000 };
  const givesItsPath = ['sh', '-c', 'echo "\\"$PATH\\"" >"$1"', 'sh', '{output}'];

  it.each([
    ['without the guards', []],
    ['with others of their names', ['setpriv', 'timeout', 'prlimit']],
  ])('is the program’s alone: %s', async (_, names) => {
    const folder = pathOf('sh');
    for (const name of names) writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const env = { PATH: folder };

    const command = await execute(commandExecutor(givesItsPath, { env }), { limits });
    const evaluated = await execute(processExecutor(evaluator('surroundings'), { env }), { limits });

    expect([command.error, command.result]).toEqual([undefined, folder]);
    expect([evaluated.error, evaluated.result]).toMatchObject([undefined, { path: folder, nice: 19 }]);
  });

  it('is the one on which a command is looked for', async () => {
    const [own, other] = [pathOf(), pathOf()];
    writeFileSync(join(own, 'only-here'), `#!${process.execPath}\nconsole.log(1);\n`, { mode: 0o755 });
    const run = (PATH: string) => execute(commandExecutor(['only-here'], { env: { PATH } }), { limits });

    expect((await run(own)).error).toBeUndefined();
    expect((await run(other)).error).toMatchObject({ code: 'EVALUATOR_NOT_FOUND' });
  });

  it('without a folder that it had, a command is not started, and it is said why', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    const executor = commandExecutor(['sh', '-c', ':'], { cwd });
    rmdirSync(cwd);

    const { error } = await execute(executor, { limits });

    expect(error).toMatchObject({
      code: 'EVALUATION_NOT_STARTED',
      message: expect.stringContaining(`its folder ${cwd} is not there any more`) as string,
    });
  });
});

const shells = ['dash', 'bash', 'busybox'].filter(onPath);

describe.skipIf(missing())('a command’s gate', () => {
  const gateOf = (shell: string, argv: readonly string[]): readonly string[] => {
    const [, ...args] = gateCommand(argv);
    return shell === 'busybox' ? ['busybox', 'sh', ...args] : [shell, ...args];
  };

  it.each(shells)('of %s waits for a line, and becomes the program', async (shell) => {
    const gate = start(
      gateOf(shell, ['sh', '-c', 'echo $$ "$@"; cat /proc/self/oom_score_adj', 'sh', 'a  b', '*', '']),
    );
    await eventually(() => {
      expect(gate.frames).toEqual([{ type: 'ready' }]);
    });
    expect(gate.stdout()).toBe('');

    gate.say('');

    expect(await gate.closed).toMatchObject({ code: 0, stdout: `${gate.child.pid!} a  b * \n1000\n`, stderr: '' });
  });

  it.each(shells)('of %s leaves the program the telling pipe, and no other of ours', async (shell) => {
    const gate = start(
      gateOf(shell, [
        'node',
        '-p',
        'require("fs").readdirSync("/proc/self/fd").length; [3,4,5].map((fd) => { try { return require("fs").readlinkSync("/proc/self/fd/" + fd) } catch { return "none" } }).filter((each) => each.startsWith("socket")).length',
      ]),
    );
    gate.say('');

    expect(await gate.closed).toMatchObject({ code: 0, stdout: '1\n' });
  });

  it.each(shells)('of %s says that there is no such program, unlike a program that exits with 127', async (shell) => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    writeFileSync(join(folder, 'not-executable'), '');
    for (const program of ['no-such-program', '/no/such/program', './not-executable', './', 'cd']) {
      const gate = start(gateOf(shell, [program]), {}, folder);
      expect(await gate.closed).toMatchObject({ code: 127, stderr: '' });
      expect(gate.frames).toEqual([{ type: 'missing' }]);
    }
    const exits = start(gateOf(shell, ['sh', '-c', 'exit 127']));
    exits.say('');
    expect((await exits.closed).code).toBe(127);
    expect(exits.frames).toEqual([{ type: 'ready' }]);
  });

  it.each(shells)('of %s does not begin when nobody is left to say so', async (shell) => {
    const gate = start(gateOf(shell, ['echo', 'begun']));

    (gate.child.stdio[4] as Writable).destroy();

    expect(await gate.closed).toMatchObject({ code: 1, stdout: '' });
  });
});

describe.skipIf(missing('prlimit'))('the limit of writable memory', () => {
  const dataLimitMb = dataLimitMbOf({ memoryMb: 200 })!;
  const node = (by: 'prlimit' | 'ulimit', script: string) => {
    const guards = { timeout: false, parentDeathSignal: false, keepsPriority: false, dataLimit: by };
    const [command = '', ...args] = launchCommand([process.execPath, '-e', script], guards, {
      lastResortMs: 0,
      dataLimitMb,
    });
    return spawnSync(command, args, { encoding: 'utf8' });
  };

  it.each(['prlimit', 'ulimit'] as const)('by %s refuses a huge allocation, in the process that asks', (by) => {
    const { status, stderr } = node(by, `new Uint8Array(${dataLimitMb} * 2 ** 20)`);

    expect(status).toBe(1);
    expect(stderr).toContain('RangeError: Array buffer allocation failed');
  });

  it('is not met by 12 worker threads, WebAssembly and 150 MB', () => {
    const { status, stderr } = node(
      'prlimit',
      `const { Worker } = require('node:worker_threads');
       const kept = [Buffer.alloc(100 * 2 ** 20, 1), new WebAssembly.Memory({ initial: 800, maximum: 65536 })];
       for (let worker = 0; worker < 12; worker++) kept.push(new Worker('setTimeout(() => {}, 300)', { eval: true }));`,
    );

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

const { controlGroups } = tryContainment();
if (controlGroups === undefined)
  console.warn('Some tests want control groups (cgroup v2) that may be written, as root. They are skipped.');

const groups: ControlGroup[] = [];

function newGroup(name: string): ControlGroup {
  const group = controlGroups!.create(`test-${name}`)!;
  groups.push(group);
  return group;
}

afterEach(() => {
  for (const group of groups.splice(0)) group.kill();
});

describe.skipIf(controlGroups === undefined || missing('setsid', 'sleep'))('a control group', () => {
  it('ends what has left its parents and its session and cleared its environment', async () => {
    const group = newGroup('escapes');
    const gate = start(gateCommand(['sh', '-c', escapes]), { [controlGroupVariable]: group.path });
    gate.say('');
    await eventually(() => {
      expect(gate.stdout()).toMatch(/^\d+\n$/);
    });
    const escaped = Number(gate.stdout());
    gate.child.kill('SIGKILL');
    await eventually(() => {
      expect(isAlive(gate.child.pid!)).toBe(false);
    });
    // Nothing but its group tells whose it is.
    expect(readFileSync(`/proc/${escaped}/environ`, 'latin1')).not.toContain('PITWALL');
    expect(isAlive(escaped)).toBe(true);
    expect(group.pids()).toContain(escaped);
    expect(group.isPopulated()).toBe(true);
    expect(group.remove()).toBe(false);

    expect(group.kill()).toBe(true);

    await eventually(() => {
      expect(group.isPopulated()).toBe(false);
      expect(isAlive(escaped)).toBe(false);
      expect(group.remove()).toBe(true);
    });
    expect(readdirSync(controlGroups!.folder).filter((name) => name.includes('escapes'))).toEqual([]);
  });

  it('of a supervisor that is gone is emptied and removed by the next', async () => {
    const script = `
      const { tryContainment } = await import(${JSON.stringify(siblingEntry('../../src/supervisor/containment', import.meta.url).href)});
      const group = tryContainment().controlGroups.create('left');
      console.log(group.path);`;
    const args = ['--input-type=module', '-e', script];
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const path = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: root }).stdout.trim();
    const gate = start(gateCommand(['sleep', '600']), { [controlGroupVariable]: path });
    gate.say('');
    await eventually(() => {
      expect(readFileSync(join(path, 'cgroup.procs'), 'latin1').trim()).toBe(String(gate.child.pid!));
    });

    await eventually(() => {
      expect(controlGroups!.sweep()).toBe(true);
    });

    expect((await gate.closed).signal).toBe('SIGKILL');
    await eventually(() => {
      controlGroups!.sweep();
      expect(readable(path)).toEqual([]);
    });
  });
});

describe.skipIf(missing('sleep'))('an evaluator’s first acts', () => {
  const evaluator = [process.execPath, fileURLToPath(siblingEntry('./hosts/joins-and-spins', import.meta.url))];
  const root = fileURLToPath(new URL('../..', import.meta.url));

  it('end it, while it spins, with the pipe of its supervisor’s life, and what it has started', async () => {
    const spinning = start(evaluator, { [lifeVariable]: String(lifeFd) }, root);
    await eventually(() => {
      expect(spinning.frames).toHaveLength(1);
    });
    const { pid, child } = spinning.frames[0] as { pid: number; child: number };
    expect([pid, child].filter(isAlive)).toEqual([pid, child]);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim()).toBe('1000');

    spinning.endLife();

    await eventually(() => {
      expect([pid, child].filter(isAlive)).toEqual([]);
    });
  });

  it('start no thread where the kernel ends it with its supervisor', async () => {
    const spinning = start(evaluator, {}, root);
    await eventually(() => {
      expect(spinning.frames).toHaveLength(1);
    });
    const watched = start(evaluator, { [lifeVariable]: String(lifeFd) }, root);
    await eventually(() => {
      expect(watched.frames).toHaveLength(1);
    });

    const threadsOf = ({ child }: { child: ChildProcess }): number => listProc(`/proc/${child.pid!}/task`).length;
    await eventually(() => {
      expect(threadsOf(spinning)).toBeLessThan(threadsOf(watched));
    });
    watched.endLife();
    spinning.endLife();
    await watched.closed;
    expect(isAlive(spinning.child.pid!)).toBe(true);
    process.kill((spinning.frames[0] as { child: number }).child, 'SIGKILL');
  });

  it('let it exit with its own code', async () => {
    const exiting = start([...evaluator, '3'], { [lifeVariable]: String(lifeFd) }, root);

    expect(await exiting.closed).toMatchObject({ code: 3, signal: null });
  });

  it.skipIf(controlGroups === undefined)('put it into its control group before anything else', async () => {
    const group = newGroup('joins');
    const spinning = start(evaluator, { [controlGroupVariable]: group.path }, root);
    await eventually(() => {
      expect(spinning.frames).toHaveLength(1);
    });
    const { pid, child } = spinning.frames[0] as { pid: number; child: number };
    expect(group.pids().toSorted()).toEqual([pid, child].toSorted());

    group.kill();

    await eventually(() => {
      expect([pid, child].filter(isAlive)).toEqual([]);
      expect(group.remove()).toBe(true);
    });
  });
});
