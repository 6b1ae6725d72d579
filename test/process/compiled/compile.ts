import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stop, transform } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** The same tree in plain JavaScript: what is `src/index.ts` here is `src/index.js` there. */
const compiledRoot = join(root, '.compiled');

const folders = ['src', 'test', 'examples/drill', 'docs/monitoring'];
/** What no process of these tests loads. */
const aside = /^test\/(?:bench|dist\/consumer)\//;

/**
 * Compiles the source and the tests before the tests of processes: each host, supervisor and evaluator of theirs starts without a
 * loader of TypeScript, which takes longer than all that it loads. Types are looked at elsewhere. A file that has not changed is
 * left alone, so that two runs in one checkout do not disturb each other.
 */
export default async function compile(): Promise<void> {
  const paths = folders.flatMap((folder) => filesIn(root, folder)).filter((path) => !aside.test(path));
  const written = await Promise.all(
    paths.map(async (path) => {
      const content = readFileSync(join(root, path), 'utf8');
      return path.endsWith('.ts') ? compiled(path, content) : [[path, content] as const];
    }),
  );
  await stop(); // its process would be there beside all tests
  const files = new Map([['package.json', manifest()], ...written.flat()]);
  mkdirSync(compiledRoot, { recursive: true });
  for (const path of filesIn(compiledRoot))
    if (!files.has(path) && !unfinished.test(path)) rmSync(join(compiledRoot, path), { force: true });
  for (const [path, content] of files) write(join(compiledRoot, path), content);
}

/** A module's JavaScript, and the map that leads its stack traces back. */
async function compiled(path: string, source: string): Promise<readonly (readonly [string, string])[]> {
  const name = path.replace(/ts$/, 'js');
  const { code, map } = await transform(source, {
    loader: 'ts',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: join(root, path),
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return [
    [name, `${code.replace(ownModule, '$1.js"')}//# sourceMappingURL=${basename(name)}.map\n`],
    [`${name}.map`, map],
  ];
}

/** What names a module of ours in an import or export, as the compiler writes them: each ends its line, but for one in a call. */
const ownModule = /((?:^import |^(?:import|export|\}) .*\bfrom |\bimport\()"\.[^"\n]*)\.ts"/gm;

/** The package's own, whose entries are the compiled modules: `import 'pitwall'` means these without any condition. */
function manifest(): string {
  const { exports, ...rest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly 'pitwall:source': string }>>;
  };
  const entries = Object.entries(exports).map(([name, entry]) => [
    name,
    typeof entry === 'string' ? entry : entry['pitwall:source'].replace(/ts$/, 'js'),
  ]);
  return JSON.stringify({ ...rest, exports: Object.fromEntries(entries) as unknown }, undefined, 2);
}

/** The files below a folder, as paths from `from`. */
function filesIn(from: string, folder = ''): readonly string[] {
  return readdirSync(join(from, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(from, path) : [path];
  });
}

/** What another run is about to rename. */
const unfinished = /\.\d+$/;

/** Whole or not at all: another run may load it at any moment. */
function write(path: string, content: string): void {
  try {
    if (readFileSync(path, 'utf8') === content) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true }); // it is new
  }
  writeFileSync(`${path}.${process.pid}`, content);
  renameSync(`${path}.${process.pid}`, path);
}
