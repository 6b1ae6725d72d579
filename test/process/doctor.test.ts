import { access, chmod, constants, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { gpuFinding } from '../../src/cli/doctor/gpu-finding.ts';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { ran, started, type Ran } from '../dist/programs.ts';
import { missing } from './needs.ts';
import { straysOf, strayToken } from './strays.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));

afterEach(() => {
  vi.unstubAllEnvs();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe.skipIf(missing('setpriv', 'timeout', 'prlimit'))('pitwall doctor', () => {
  const doctor = (folder: string, ...args: readonly string[]): Ran =>
    ran(process.execPath, [main, 'doctor', ...args], folder);

  it('tries everything for real, and says so to a person', async () => {
    const { code, stdout, stderr } = doctor(await temporaryFolder());

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/ended at \d+ MB, the limit was 150 MB/);
    expect(stdout).toMatch(/the kill was sent [\d.]+ ms after its limit of 300 ms/);
    expect(stdout).toContain('gone before its result was told');
    expect(stdout).toMatch(/paused for [\d.]+ of [\d.]+ s/);
    expect(stdout).toMatch(/\d+% of its speed alone/);
    expect(stdout).toMatch(
      /The default SLA can be held here: evaluationTimeMs, startTimeMs, itemTimeMs,\nmemoryMb, gpuUtilizationPercent, trainingImpactPercent\./,
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('ends with 1 where a rule that the SLA has cannot be held, and says which and why', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'sla.json'), JSON.stringify({ cpuPercent: 50 }));
    // A machine without setpriv: everything else of the path is there.
    for (const program of ['sh', 'timeout', 'prlimit']) await symlink(await pathOf(program), join(folder, program));
    vi.stubEnv('PATH', folder);

    const { code, stdout } = doctor(folder, '--sla', 'sla.json', '--json');

    const told = JSON.parse(stdout) as {
      enforceable: boolean;
      sla: { rule: string; why?: string }[];
      trials: Finding[];
      guards: Finding[];
    };
    expect(code).toBe(1);
    expect(told.enforceable).toBe(false);
    expect(told.sla.filter(({ why }) => why !== undefined).map(({ rule }) => rule)).toEqual([
      'cpuPercent',
      'gpuUtilizationPercent',
      'trainingImpactPercent',
    ]);
    expect(told.trials.find(({ rules }) => rules.includes('cpuPercent'))).toMatchObject({ status: 'missing' });
    expect(told.trials.find(({ rules }) => rules.includes('memoryMb'))).toMatchObject({ status: 'works' });
    expect(told.guards.find(({ what }) => what.startsWith('death signal'))).toMatchObject({ status: 'missing' });
  });

  it('tries what the SLA does: what is to be ended, and what is to be told, needs no pauses', async () => {
    const folder = await temporaryFolder();
    const sla = { cpuPercent: { limit: 50, action: 'abort' }, gpuUtilizationPercent: { limit: 80, action: 'warn' } };
    await writeFile(join(folder, 'sla.json'), JSON.stringify(sla));
    for (const program of ['sh', 'timeout', 'prlimit']) await symlink(await pathOf(program), join(folder, program));
    vi.stubEnv('PATH', folder);

    const { stdout } = doctor(folder, '--sla', 'sla.json', '--json');

    const told = JSON.parse(stdout) as { sla: { rule: string; why?: string }[]; trials: Finding[] };
    expect(told.sla.filter(({ why }) => why !== undefined).map(({ rule }) => rule)).toEqual(['trainingImpactPercent']);
    expect(told.trials.find(({ rules }) => rules.includes('cpuPercent'))).toMatchObject({
      status: 'works',
      seen: expect.stringMatching(/^ended at \d+ % of a core/) as string,
    });
  });

  it.each([
    [['--sla', 'nowhere.json'], /The SLA in nowhere\.json cannot be read/],
    [['--sal', 'x'], /unknown option '--sal'[^]*--sla/],
  ])('%j is one clear message, and exit code 2 or 1', async (args, message) => {
    const { code, stdout, stderr } = doctor(await temporaryFolder(), ...args);

    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(stdout).toBe('');
  });
});

describe('a GPU, as the doctor finds it', () => {
  /** A driver's program that does as it is told, the only one on the path beside a shell's. */
  const driver = async (script: string): Promise<void> => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'nvidia-smi'), 0o755);
    vi.stubEnv('PATH', [folder, process.env.PATH].join(delimiter));
  };

  /** What a driver prints, asked by the three questions. */
  const prints = (devices: string, memory: string, use: string): string =>
    `case "$*" in *query-gpu*) ${devices} ;; *query-compute-apps*) ${memory} ;; pmon*) ${use} ;; esac`;
  const own = process.pid;
  const other = process.ppid;
  const one = 'echo "0, GPU-a, 37, 2048"';
  const noProcess = 'echo "# gpu pid type sm"; echo "0 - - -"';
  const both = ['gpuUtilizationPercent', 'gpuMemoryMb'];

  it.each([
    [
      'two of them',
      prints(
        'echo "0, GPU-a, 0, 512"; echo "1, GPU-b, 37, 2048"',
        `echo "${own}, GPU-a, 500"`,
        `echo "# gpu pid type sm"; echo "0 ${own} C -"`,
      ),
      { status: 'works', seen: 'GPU 0: use 0 %, memory 512 MB; GPU 1: use 37 %, memory 2048 MB' },
    ],
    [
      'one at rest, with no process',
      prints('echo "0, GPU-a, 0, 4"', ':', noProcess),
      { status: 'works', seen: expect.stringMatching(/Nothing computes on it now/) as string },
    ],
    [
      'one that only draws a desktop',
      prints('echo "0, GPU-a, 0, 412"', ':', `echo "# gpu pid type sm"; echo "0 ${other} G -"`),
      { status: 'works', seen: expect.stringMatching(/Nothing computes on it now/) as string },
    ],
    [
      'one under MPS that tells of its server alone',
      prints(
        one,
        `echo "${other}, GPU-a, 2000"`,
        `echo "# gpu pid type sm command"; echo "0 ${other} C 37 nvidia-cuda-mps-server"`,
      ),
      { status: 'limited', rules: both },
    ],
    [
      'one that tells of no process, but is at work: a container',
      prints(one, ':', noProcess),
      {
        status: 'limited',
        seen: expect.stringMatching(/only warns; gpuMemoryMb says nothing$/) as string,
        rules: both,
      },
    ],
    [
      'one at rest, whose memory somebody has who is not told',
      prints('echo "0, GPU-a, 0, 2048"', ':', noProcess),
      { status: 'limited', rules: ['gpuMemoryMb'] },
    ],
    [
      'one that tells of processes that are not seen from here',
      prints(one, 'echo "4194999, GPU-a, 2000"', 'echo "# gpu pid type sm"; echo "0 4194999 C 37"'),
      { status: 'limited', rules: both },
    ],
    [
      'one that tells of memory only, under MIG',
      prints('echo "0, GPU-a, [N/A], 2048"', `echo "${own}, GPU-a, 2000"`, 'exit 3'),
      {
        status: 'limited',
        seen: expect.stringMatching(/^GPU 0: use unknown, .*: gpuUtilizationPercent says nothing$/) as string,
        rules: ['gpuUtilizationPercent'],
      },
    ],
    ['none', 'exit 0', { status: 'missing', seen: expect.stringMatching(/names no GPU/) as string, rules: both }],
    ['none, told with exit 0', 'echo "No devices were found"', { status: 'missing' }],
    [
      'one whose driver warns of it beside all that it tells',
      `${prints(one, `echo "${own}, GPU-a, 500"`, `echo "# gpu pid type sm"; echo "0 ${own} C 30"`)}
       echo "WARNING: infoROM is corrupted at gpu 0000:00:1E.0"; exit 14`,
      { status: 'works', seen: 'GPU 0: use 37 %, memory 2048 MB' },
    ],
    [
      'one beside another that is lost',
      `${prints(one, ':', ':')}
       echo "Unable to determine the device handle for GPU 0000:C1:00.0: GPU is lost."; exit 15`,
      { status: 'limited', seen: expect.stringMatching(/^GPU 0: use 37 %, memory 2048 MB\./) as string, rules: both },
    ],
    [
      'one that tells words in the place of figures',
      prints('echo "0, GPU-a, [GPU requires reset], [GPU requires reset]"', 'exit 3', 'exit 3'),
      {
        status: 'missing',
        seen: expect.stringMatching(/^nvidia-smi tells no figures: \[GPU requires reset\]:/) as string,
      },
    ],
    [
      'a driver that fails',
      'echo "no devices were found" >&2; exit 6',
      { status: 'missing', seen: expect.stringMatching(/^nvidia-smi: no devices were found/) as string },
    ],
  ])('%s', async (_, script, expected) => {
    await driver(script);

    expect(await gpuFinding()).toMatchObject(expected);
  });

  it('whose driver hangs', async () => {
    await driver('exec sleep 60');

    expect(await gpuFinding({ patienceMs: 300 })).toMatchObject({
      status: 'missing',
      seen: expect.stringMatching(/did not answer within 0\.3 s/) as string,
    });
  });

  it('whose driver hangs in a program that it has started: nothing of that is left', async () => {
    const token = strayToken();
    await driver(`sleep ${token}`);

    await gpuFinding({ patienceMs: 300 });

    expect(straysOf(token)).toEqual([]);
  });

  it('whose driver hangs while the doctor is ended: nothing of that is left', async () => {
    const token = strayToken();
    await driver(`sleep ${token}`);
    const finding = siblingEntry('../../src/cli/doctor/gpu-finding', import.meta.url).href;
    const script = `const { gpuFinding } = await import(${JSON.stringify(finding)}); await gpuFinding({ patienceMs: 60_000 });`;
    const { child, ended } = started(
      process.execPath,
      ['--input-type=module', '-e', script],
      process.cwd(),
      process.env,
    );
    await vi.waitFor(
      () => {
        expect(straysOf(token)).not.toEqual([]);
      },
      { timeout: 20_000 },
    );

    child.kill('SIGTERM');

    await ended;
    expect(child.signalCode).toBe('SIGTERM');
    await vi.waitFor(
      () => {
        expect(straysOf(token)).toEqual([]);
      },
      { timeout: 20_000 },
    );
  });

  it('that is not there', async () => {
    vi.stubEnv('PATH', await temporaryFolder());

    expect(await gpuFinding({ cards: [] })).toMatchObject({
      status: 'missing',
      seen: expect.stringContaining('no nvidia-smi') as string,
    });
  });
});

describe('a GPU of AMD, as the doctor finds it', () => {
  it.each([
    [
      'one that tells its use',
      '37\n',
      {
        status: 'limited',
        seen: expect.stringMatching(/^GPU 0: use 37 %, .* only warns; gpuMemoryMb says nothing$/) as string,
      },
    ],
    ['one that does not', 'unknown\n', { status: 'missing', what: 'NVIDIA GPU (nvidia-smi)' }],
  ])('%s', async (_, busy, finding) => {
    const folder = await temporaryFolder();
    vi.stubEnv('PATH', folder);
    await mkdir(join(folder, 'card0', 'device'), { recursive: true });
    await writeFile(join(folder, 'card0', 'device', 'gpu_busy_percent'), busy);

    expect(await gpuFinding({ cards: [join(folder, 'card0')] })).toMatchObject(finding);
  });
});

async function pathOf(program: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    try {
      await access(join(folder, program), constants.X_OK);
      return await realpath(join(folder, program));
    } catch {
      // not there
    }
  throw new Error(`${program} is not on the path`);
}
