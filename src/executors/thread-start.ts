import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts one of our entry files in a thread that can load what this one can: also TypeScript, where this one does through tsx. */
export function startThread(entry: URL, options: WorkerOptions): Worker {
  return new Worker(withLoader(entry), { ...options, ...(readsItsCode() && { execArgv: [] }) });
}

/** `--input-type` is for code on the command line: a thread, which is started from a file, refuses it and what came with it. */
function readsItsCode(): boolean {
  return process.execArgv.some((argument) => argument.startsWith('--input-type'));
}

/** Until Node 22 a thread does not run the `--import` of its process. */
function withLoader(entry: URL): URL {
  const tsx = Number.parseInt(process.versions.node) < 22 ? tsxInterface() : undefined;
  if (tsx === undefined) return entry;
  const code = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Where tsx's interface for programs lies: found from what this process was started with, by its name or by a path into it. */
function tsxInterface(): string | undefined {
  for (const argument of process.execArgv) {
    const [, folder] = /(\bfile:.*\/tsx\/dist\/|^\/.*\/tsx\/dist\/)/.exec(argument) ?? [];
    if (folder !== undefined) return new URL('esm/api/index.mjs', new URL(folder, 'file:')).href;
    if (/^(--import=)?tsx(\/esm)?$/.test(argument)) return resolvedFromHere('tsx/esm/api');
  }
  return undefined;
}

function resolvedFromHere(name: string): string | undefined {
  try {
    // `require` is given the CommonJS twin of the module beside it.
    const twin = createRequire(`${process.cwd()}/`).resolve(name);
    return pathToFileURL(twin.replace(/\.cjs$/, '.mjs')).href;
  } catch {
    return undefined;
  }
}
