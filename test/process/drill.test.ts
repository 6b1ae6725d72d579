import { access, constants, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { DrilledEvaluation } from '../../src/cli/drill/drilled.ts';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { started, userEnv, type Ran } from '../dist/programs.ts';
import { missing } from './needs.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));
const project = (name: string): string => fileURLToPath(siblingEntry(`./drills/${name}`, import.meta.url));
const example = fileURLToPath(siblingEntry('../../examples/drill/evaluations', import.meta.url));

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-drill-'));
  folders.push(folder);
  return folder;
}

const drill = (folder: string, args: readonly string[], env = userEnv()): Promise<Ran> =>
  started(process.execPath, [main, 'drill', ...args], folder, env).ended;

interface Told {
  readonly fired: boolean;
  readonly evaluations: readonly DrilledEvaluation[];
}

/** Drills, and gives what is told of each evaluation: its rules by name, with their verdicts. */
async function drilled(args: readonly string[], env = userEnv()) {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await drill(folder, ['--json', '--seconds', '0.3', ...args], env);
  expect(stderr).toBe('');
  expect(await readdir(folder)).toEqual([]); // no journal is kept of it
  const { fired, evaluations } = JSON.parse(stdout) as Told;
  const of = (name: string): DrilledEvaluation => evaluations.find((each) => each.name === name)!;
  return {
    code,
    fired,
    evaluations,
    of,
    verdicts: (name: string) => Object.fromEntries(of(name).rules.map(({ rule, status }) => [rule, status])),
    seen: (name: string, rule: string) => of(name).rules.find((each) => each.rule === rule)?.seen,
  };
}

// A drill mostly waits.
describe.skipIf(missing('setpriv', 'timeout', 'prlimit')).concurrent('pitwall drill', () => {
  it('breaks each limit of each kind of executor, and its breaker, wherever the module exports them', async () => {
    const { code, fired, evaluations, of, verdicts, seen } = await drilled([project('every-kind')]);

    expect({ code, fired }).toEqual({ code: 0, fired: true });
    expect(evaluations.map(({ name, executor }) => [name, executor]).sort()).toEqual([
      ['command', 'command'],
      ['in-process', 'process'],
      ['in-thread', 'thread'],
      ['inline', 'inline'],
      ['off', 'process'],
      ['own', 'own'],
    ]);
    const time = { evaluationTimeMs: 'fired', itemTimeMs: 'fired' };
    const gpu = { gpuUtilizationPercent: 'not-drilled', trainingImpactPercent: 'not-drilled' };
    const unheld = { startTimeMs: 'not-drilled', memoryMb: 'not-drilled' };
    expect(verdicts('in-process')).toEqual({
      ...time,
      ...gpu,
      ...{ startTimeMs: 'fired', memoryMb: 'fired', cpuPercent: 'fired', gpuMemoryMb: 'not-drilled' },
    });
    expect(verdicts('in-thread')).toEqual({ ...time, ...gpu, startTimeMs: 'fired', memoryMb: 'not-drilled' });
    expect(verdicts('command')).toEqual({
      ...time,
      ...gpu,
      ...{ startTimeMs: 'not-drilled', memoryMb: 'fired', cpuPercent: 'fired' },
    });
    expect(verdicts('inline')).toEqual({ ...time, ...gpu, ...unheld });
    expect(verdicts('own')).toEqual({ ...time, ...gpu, ...unheld });
    expect(verdicts('off')).toEqual({});

    expect(seen('in-process', 'evaluationTimeMs')).toMatch(
      /^held at 300 ms in place of 30 min: stopped [\d.]+ ms after/,
    );
    expect(seen('in-thread', 'evaluationTimeMs')).toMatch(/^stopped [\d.]+ ms after the limit/); // 200 ms: as it is
    expect(seen('in-process', 'memoryMb')).toMatch(/^ended at 1[5-9]\d(\.\d)? MB, the limit was 150 MB/);
    expect(seen('in-process', 'cpuPercent')).toMatch(/^it took [\d.]+ %, and it was paused for/); // 1 %: as it is
    expect(seen('command', 'cpuPercent')).toMatch(/^ended at [\d.]+ %, the limit was 1 %/);
    expect(seen('in-thread', 'memoryMb')).toContain('its executor cannot hold it');

    const breakers = evaluations.map(({ name, breaker }) => [name, breaker.status]);
    expect(breakers.filter(([, status]) => status !== 'fired')).toEqual([['own', 'not-drilled']]);
    expect(of('in-process').breaker.seen).toMatch(/^opened after 3 failures .*, and the next request was skipped$/);
    expect(of('command').breaker.seen).toMatch(/^opened after 2 failures/);
  });

  it('slows a real training down where it is asked to, and shows that it is held', async () => {
    const { code, verdicts, seen } = await drilled(['--training', '--evaluation', 'command', project('every-kind')]);

    expect({ code, verdicts: verdicts('command') }).toMatchObject({
      code: 0,
      verdicts: { trainingImpactPercent: 'fired' },
    });
    expect(seen('command', 'trainingImpactPercent')).toMatch(
      /^the training was slower by [\d.]+ %, and it was paused for/,
    );
  });

  it('counts a warning as fired, and says which of the user’s own safeguards fired too', async () => {
    const { code, of, verdicts, seen } = await drilled([project('as-warned')]);

    expect(code).toBe(0);
    expect(verdicts('warned')).toMatchObject({
      ...{ evaluationTimeMs: 'fired', itemTimeMs: 'fired', memoryMb: 'fired', cpuPercent: 'fired' },
    });
    expect(seen('warned', 'memoryMb')).toMatch(/^told at [12]\d\d(\.\d)? MB; a warning ends nothing$/);
    expect(verdicts('early')).toMatchObject({ itemTimeMs: 'fired', memoryMb: 'fired' });
    expect(of('early').rules.find(({ rule }) => rule === 'memoryMb')?.safeguards).toEqual(['memoryMb']);
    const [time] = of('guarded').rules;
    expect(time).toMatchObject({
      ...{ rule: 'evaluationTimeMs', status: 'fired', safeguards: ['noProgressMs'], endedBySafeguard: true },
    });
  });

  it('ends with 1 where something does not fire, and says what happened instead', async () => {
    const { code, fired, of, verdicts, seen } = await drilled([project('silent')]);

    expect({ code, fired }).toEqual({ code: 1, fired: false });
    expect(verdicts('cramped')).toMatchObject({ evaluationTimeMs: 'silent', memoryMb: 'fired' });
    expect(seen('cramped', 'evaluationTimeMs')).toContain(
      '"memoryMb" ended it before: The evaluation\'s processes held',
    );
    const breakerOf = (name: string) => of(name).breaker;
    expect(breakerOf('forgiving')).toMatchObject({ status: 'silent', seen: '4 failures did not open it' });
    expect(breakerOf('cramped')).toMatchObject({ status: 'not-drilled', seen: /21 failures/ });
    expect(breakerOf('disabled')).toMatchObject({ status: 'not-drilled', seen: /disabled/ });
    // One breaker for two: each opens it.
    expect([breakerOf('one').status, breakerOf('other').status]).toEqual(['fired', 'fired']);
  });

  it('a rule that this machine cannot hold does not fire, and it is said why', async () => {
    const folder = await temporaryFolder();
    // A machine without setpriv: everything else of the path is there.
    for (const program of ['sh', 'timeout', 'prlimit']) await symlink(await pathOf(program), join(folder, program));
    const env = { ...userEnv(), PATH: folder };

    const { code, verdicts, seen } = await drilled(['--evaluation', 'in-process', project('every-kind')], env);

    expect(code).toBe(1);
    expect(verdicts('in-process')).toMatchObject({ cpuPercent: 'silent', memoryMb: 'fired' });
    expect(seen('in-process', 'cpuPercent')).toContain('Nothing is paused');
  });

  it('prints all of its JSON, and nothing else, whoever reads it late and whatever the module prints', async () => {
    const env = { ...userEnv(), PITWALL_TEST_COUNT: '1000' };
    const args = [main, 'drill', '--json', project('many')];
    const { child } = started(process.execPath, args, await temporaryFolder(), env);
    child.stdout!.removeAllListeners('data').pause();
    let stderr = '';
    const waits = new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        stderr += text;
        if (stderr.includes('stdout waits')) resolve();
      });
    });
    await Promise.race([waits, once(child, 'exit')]);

    let stdout = '';
    child.stdout!.on('data', (text: string) => (stdout += text)).resume();
    await once(child, 'close');

    expect((JSON.parse(stdout) as Told).evaluations).toHaveLength(1_000);
    expect(stderr).toContain('loading the weights');
  });

  it('tells it to a person in lines of 80 columns', async () => {
    // As the example's own page says: from source, through a loader of TypeScript, which reaches the evaluators too.
    const module = join(process.cwd(), 'examples/drill/evaluations.ts');
    const typescript = ['--import', import.meta.resolve('tsx'), '-C', 'pitwall:source'];
    const args = [...typescript, join(process.cwd(), 'src/cli/main.ts'), 'drill', '--seconds', '0.3', module];

    const { code, stdout, stderr } = await started(process.execPath, args, await temporaryFolder()).ended;

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^held-out \(in a process of its own\)\n\n {2}ok {2}evaluationTimeMs 30 min, abort\n/);
    expect(stdout).toMatch(/ {2}~ {3}gpuUtilizationPercent 80 %, throttle\n/);
    expect(stdout).toMatch(/ {2}ok {2}its circuit breaker\n {8}opened after 3 failures/);
    expect(stdout).toMatch(/\nAll \d+ that could be drilled fired\. \d could not be drilled/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ['nothing', [], /missing required argument 'module'/],
    ['a module that is not there', ['nowhere.js'], /There is no module nowhere\.js/],
    ['one that throws', ['throws.mjs'], /throws\.mjs cannot be loaded: .*no weights yet/],
    ['one without evaluations', ['none.mjs'], /none\.mjs exports no evaluation: export what/],
    ['evaluations of another copy', ['other.mjs'], /made by another copy of pitwall/],
    ['a file that is no module', ['file.unknown'], /file\.unknown cannot be loaded: Unknown file extension/],
    [
      'a name that is near',
      ['--evaluation', 'held-uot', example],
      /no evaluation "held-uot": did you mean "held-out"\?/,
    ],
    [
      'no number of seconds',
      ['--seconds', 'soon', example],
      /--seconds must be a number above 0 and below 2147483 \(24 days\), but "soon" came/,
    ],
    ['no time at all', ['--seconds', '0', example], /--seconds must be a number above 0 .*, but "0" came/],
    ['too much of it', ['--seconds', '3000000', example], /--seconds must be .* below 2147483 .*, but "3000000" came/],
    ['a module that ends the process', ['exits.mjs'], /exits\.mjs ended the drill before it was over/],
    ['one that is never loaded', ['waits.mjs'], /waits\.mjs ended the drill before it was over/],
    ['an unknown option', ['--second', '3', example], /unknown option '--second'[^]*--seconds/],
  ])('%s is a mistake: one clear message, and exit code 2', async (_, args, message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'throws.mjs'), "throw new Error('no weights yet');");
    await writeFile(join(folder, 'exits.mjs'), 'process.exit(0);');
    await writeFile(join(folder, 'waits.mjs'), 'await new Promise(() => undefined);');
    await writeFile(join(folder, 'none.mjs'), 'export const one = 1; export default [{}, null];');
    await writeFile(join(folder, 'other.mjs'), 'export const one = { name: "one", results$: {}, connect() {} };');
    await writeFile(join(folder, 'file.unknown'), 'export {};');

    const { code, stdout, stderr } = await drill(folder, args);

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(stdout).toBe('');
  });
});

async function pathOf(program: string): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(':'))
    try {
      await access(join(folder, program), constants.X_OK);
      return await realpath(join(folder, program));
    } catch {
      // not there
    }
  throw new Error(`${program} is not on the path`);
}
