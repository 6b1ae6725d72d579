import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, succeeded } from './programs.ts';

/** A project with the packed package in it. */
export interface InstalledProject {
  readonly folder: string;
  /** Copies a program of `consumer/` into it, and gives the program's folder. */
  add(program: string): string;
  remove(): void;
}

/**
 * Packs the built package and installs it as a user does.
 *
 * @param from a folder with a `package.json`, which the project is a copy of; without it the project is empty
 */
export function installedProject(from?: string): InstalledProject {
  if (!existsSync(join(root, 'dist', 'index.js')))
    throw new Error('The package must be built before it is tested: run "npm run build" first.');
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-project-'));
  const packed = succeeded('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  if (from === undefined)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  else cpSync(from, folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  // What the lock file has brought here once is taken from npm's own cache.
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  succeeded('npm', ['install', ...quietly, `./${filename}`], folder);
  return {
    folder,
    add: (program) => {
      const to = join(folder, program);
      cpSync(fileURLToPath(new URL(`./consumer/${program}`, import.meta.url)), to, { recursive: true });
      return to;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
