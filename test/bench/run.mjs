// Runs a benchmark as a program of a user would: compiled, in a project of its own, under plain Node, with the built package.
//
//     node test/bench/run.mjs enforcement [--quick] [--only NAME,NAME] [--markdown FILE]
//     node test/bench/run.mjs breaker|events|impact|observability|report [--quick] [--markdown FILE]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const [name = 'enforcement', ...args] = process.argv.slice(2);
const root = fileURLToPath(new URL('../..', import.meta.url));
// Another build of the package may be measured: a folder with a package.json and a dist.
const measured = resolve(process.env.PITWALL_BENCH_PACKAGE ?? root);
if (!existsSync(join(measured, 'dist', 'index.js')))
  throw new Error(`There is no built package in ${measured}: run "npm run build" first.`);

const project = mkdtempSync(join(tmpdir(), 'pitwall-bench-'));
try {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'bench', private: true, type: 'module' }));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(measured, join(project, 'node_modules', 'pitwall'));
  for (const peer of [
    'rxjs',
    'piscina',
    'execa',
    'cockatiel',
    'opossum',
    'mitt',
    'emittery',
    'winston',
    'prom-client',
    '@opentelemetry',
  ])
    symlinkSync(join(root, 'node_modules', peer), join(project, 'node_modules', peer));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const config = fileURLToPath(new URL('./tsconfig.build.json', import.meta.url));
  const compiled = spawnSync(process.execPath, [tsc, '-p', config, '--outDir', project], { stdio: 'inherit' });
  if (compiled.status !== 0) throw new Error('The benchmark does not compile.');
  process.exitCode = await ended(
    spawn(process.execPath, ['--expose-gc', join(project, name, 'main.js'), ...args], { stdio: 'inherit' }),
  );
  const markdown = args[args.indexOf('--markdown') + 1];
  if (args.includes('--markdown') && markdown !== undefined) {
    const options = await resolveConfig(markdown);
    writeFileSync(markdown, await format(readFileSync(markdown, 'utf8'), { ...options, filepath: markdown }));
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}

function ended(child) {
  // Ctrl-C reaches it too: it ends what it has started, and then we remove its folder.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
