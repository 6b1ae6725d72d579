import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedProject, type InstalledProject } from './installed-project.ts';
import { ran, root } from './programs.ts';

let project: InstalledProject;
beforeAll(() => {
  project = installedProject(join(root, 'examples', 'custom-safeguard'));
});
afterAll(() => {
  project.remove();
});

describe('examples/custom-safeguard, as a project of its own', () => {
  it('passes its tests', () => {
    const { code, stdout, stderr } = ran('npm', ['test'], project.folder);

    expect({ code, stderr }).toMatchObject({ code: 0 });
    const said = stripVTControlCharacters(stdout);
    expect(said).toMatch(/Test Files\s+2 passed/);
    expect(said).toMatch(/Tests\s+8 passed/);
  });

  it('fails them when its safeguard is wrong, and says where', () => {
    const file = join(project.folder, 'on-pace.js');
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, right.replace('projectedMs > withinMs', 'projectedMs >= withinMs'));
    const { code, stdout, stderr } = ran('npm', ['test'], project.folder);
    writeFileSync(file, right);

    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/The violations of onPace were to be as expected, but they differ:\s+expected/);
  });

  it('runs: three evaluations fail in real processes, and no more are asked for', () => {
    const { stdout } = ran('npm', ['start', '--silent'], project.folder);

    expect(stdout.trim().split('\n')).toEqual([
      'epoch 1: completed',
      'epoch 2: violated: paceMs',
      'epoch 3: violated: evaluationTimeMs',
      'the breaker: closed -> open',
      'epoch 4: failed: EVALUATOR_CRASHED',
      '1 completed, 2 violated, 1 failed, 2 not asked for',
    ]);
  });

  it('is typed: its comments hold against the declarations of the package', () => {
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      allowJs: true,
      checkJs: true,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    };
    writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.js'] }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

    expect(ran(process.execPath, [tsc, '-p', '.'], project.folder)).toMatchObject({ code: 0, stdout: '' });
  });
});
