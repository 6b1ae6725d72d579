import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedProject, type InstalledProject } from './installed-project.ts';
import { ran, root, succeeded } from './programs.ts';

let project: InstalledProject;
beforeAll(() => {
  project = installedProject();
});
afterAll(() => {
  project.remove();
});

const sixEpochs = {
  status: 'completed',
  epochs: 6,
  steps: 24,
  evaluations: { requested: 2, completed: 2, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
};
/** After 12 and 24 steps of 1/32: the games below 20 times that are won. */
const winRates = [7 / 20, 14 / 20];

const node = (folder: string, ...args: readonly string[]): string => succeeded(process.execPath, args, folder);

describe('the program of the documentation', () => {
  it('runs in plain JavaScript', () => {
    const folder = project.add('javascript');

    const { outcome, results, journal } = JSON.parse(node(folder, 'train.js')) as {
      outcome: { runId: string };
      results: { winRate: number; epoch: number; entry: string; nodeArgs: string[] }[];
      journal: string[];
    };

    expect(outcome).toMatchObject(sixEpochs);
    expect(results.map(({ epoch, winRate }) => [epoch, winRate])).toEqual([
      [3, winRates[0]],
      [6, winRates[1]],
    ]);
    expect(journal[0]).toBe('run:start');
    expect(journal.filter((type) => type === 'evaluation:end')).toHaveLength(2);
    expect(journal.at(-1)).toBe('run:end');
    expect(readdirSync(join(folder, '.pitwall'))).toEqual([outcome.runId]);
    // Its processes are the built package's: nothing that loads TypeScript is there.
    for (const { entry, nodeArgs } of results) {
      expect(entry).toBe(join(project.folder, 'node_modules', 'pitwall', 'dist', 'evaluator', 'entry.js'));
      // The limit of its heap, of its rule memoryMb; and nothing of the host.
      expect(nodeArgs).toEqual([expect.stringMatching(/^--max-old-space-size=\d+$/)]);
    }
    expect(existsSync(join(project.folder, 'node_modules', 'tsx'))).toBe(false);
  });

  it('compiles in TypeScript with every library checked, wrong use does not, and it runs', () => {
    const folder = project.add('typescript');
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

    const compiled = ran(
      process.execPath,
      [tsc, '-p', '.', '--typeRoots', join(root, 'node_modules', '@types')],
      folder,
    );
    expect(compiled).toMatchObject({ code: 0, stdout: '' });

    expect(JSON.parse(node(folder, 'built/train.js'))).toMatchObject({ outcome: sixEpochs, winRates });
  });
});

/** The command of the package, as `npx` runs it, without the start of npm itself. */
const pitwall = (cwd: string, ...args: readonly string[]) =>
  ran(join(project.folder, 'node_modules', '.bin', 'pitwall'), args, cwd);

describe('npx pitwall', () => {
  it('--version tells the package’s', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

    expect(ran('npx', ['pitwall', '--version'], project.folder)).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it('--help names the command and its own help the options', () => {
    expect(pitwall(project.folder, '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('demo') as string,
    });
    const { code, stdout } = pitwall(project.folder, 'demo', '--help');
    expect(code).toBe(0);
    for (const option of ['--epochs', '--seed', '--no-rogue', '--json']) expect(stdout).toContain(option);
  });

  it.each([
    [['dmeo'], /unknown command 'dmeo'[^]*demo/],
    [['demo', '--epoch', '2'], /unknown option '--epoch'[^]*--epochs/],
    [['demo', '--epochs', 'many'], /whole number from 1/],
    [['demo', '--epochs', '0'], /whole number from 1/],
    [['demo', 'twice'], /too many arguments/],
  ])('%j is one clear message, and not a success', (args, message) => {
    const { code, stdout, stderr } = pitwall(project.folder, ...args);

    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(stdout).toBe('');
  });

  it('demo --json gives one JSON object and nothing else', () => {
    const { code, stdout } = pitwall(project.folder, 'demo', '--epochs', '2', '--no-rogue', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', epochs: 2, violations: [] });
  });
});

describe('npx pitwall drill', () => {
  it('finds the evaluations of a module that imports the same package, and breaks their limits', () => {
    const folder = project.add('javascript');

    const { code, stdout } = pitwall(folder, 'drill', 'evaluations.js', '--json', '--seconds', '0.3');

    const { evaluations } = JSON.parse(stdout) as { evaluations: { rules: { rule: string; status: string }[] }[] };
    const fired = evaluations[0]?.rules.filter(({ status }) => status === 'fired').map(({ rule }) => rule);
    expect(code).toBe(0);
    expect(fired).toEqual(['evaluationTimeMs', 'startTimeMs', 'itemTimeMs', 'memoryMb']);
  });
});

describe('the entries of the package', () => {
  it.each([
    ['pitwall', 'Trainer evaluation defineCallback hooks stop processExecutor CircuitBreaker guard readJournal'],
    ['pitwall/evaluator', 'defineEvaluator'],
    ['pitwall/operators', 'everyEpochs everySteps atEpochs'],
    ['pitwall/testing', 'VirtualClock marbles fakeExecutor fakeTrainer fakeProbe pitwallMatchers replayed'],
    ['pitwall/games', 'dobutsu'],
  ])('%s can be imported', (entry, names) => {
    const program = `import * as entry from '${entry}'; console.log(JSON.stringify(Object.keys(entry)));`;
    const exported = JSON.parse(node(project.folder, '--input-type=module', '-e', program)) as string[];

    expect(exported).toEqual(expect.arrayContaining(names.split(' ')));
  });

  it.each([
    ['pitwall/winston', 'winston'],
    ['pitwall/prometheus', 'prom-client'],
    ['pitwall/otel', '@opentelemetry/api'],
    ['pitwall/tfjs', '@tensorflow'],
  ])('%s without %s says what is missing', (entry, peer) => {
    const program = `await import('${entry}')`;
    const { code, stderr } = ran(process.execPath, ['--input-type=module', '-e', program], project.folder);

    expect(code).not.toBe(0);
    expect(stderr).toContain(peer);
    expect(stderr).toMatch(/ERR_MODULE_NOT_FOUND|npm install/);
    expect(existsSync(join(project.folder, 'node_modules', peer))).toBe(false);
  });

  it.each([
    ['pitwall', ['pitwall', 'rxjs', 'zod']],
    ['pitwall/evaluator', ['pitwall']],
    ['pitwall/testing', ['pitwall', 'rxjs', 'zod']],
  ])('%s loads of other packages only what it has to', (entry, allowed) => {
    const folder = project.add('javascript');

    const files = JSON.parse(node(folder, 'what-is-loaded.js', entry)) as string[];

    const packages = files.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
    expect(packages.length).toBeGreaterThan(0);
    expect(allowed).toEqual(expect.arrayContaining([...new Set(packages)]));
    expect(packages).toContain('pitwall');
  });

  it('the supervisor leaves systeminformation to the process that asks about GPUs', () => {
    const folder = project.add('javascript');
    const entry = join(project.folder, 'node_modules', 'pitwall', 'dist', 'supervisor', 'supervisor.js');

    const files = JSON.parse(node(folder, 'what-is-loaded.js', entry)) as string[];

    expect(files.filter((file) => file.endsWith('supervisor/gpu-probe.js'))).toHaveLength(1);
    expect(files.filter((file) => file.includes('node_modules/systeminformation/'))).toEqual([]);
    expect(existsSync(join(project.folder, 'node_modules', 'systeminformation'))).toBe(true);
  });

  it('what a child process loads first leaves the index and rxjs aside', () => {
    const folder = project.add('javascript');
    const entry = join(project.folder, 'node_modules', 'pitwall', 'dist', 'evaluator', 'run-evaluator.js');

    const files = JSON.parse(node(folder, 'what-is-loaded.js', entry)) as string[];

    expect(files.filter((file) => /pitwall\/dist\/index\.js$|node_modules\/rxjs\//.test(file))).toEqual([]);
  });
});
