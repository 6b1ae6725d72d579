import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigurationError, reasonOf, told } from '../errors/index.ts';

/** The URL of an entry file beside `from`, with the extension that the code runs with now: `.ts` from source, `.js` built. */
export function siblingEntry(path: string, from: string): URL {
  return new URL(path + (from.endsWith('.ts') ? '.ts' : '.js'), from);
}

/**
 * Checks an evaluator's URL.
 *
 * @throws {ConfigurationError} unless it is a `file:` URL, as a URL or its text, that names a path here.
 */
export function evaluatorUrl(url: URL | string): URL {
  const parsed = url instanceof URL ? url : parsedUrl(url);
  const why = parsed?.protocol === 'file:' && parsed.host === '' ? whyNoPath(parsed) : '';
  if (parsed !== undefined && why === undefined) return parsed;
  throw new ConfigurationError(
    `An evaluator must be named by a file: URL of this machine (new URL('./evaluate.js', import.meta.url)), but ${told(url instanceof URL ? url.href : url)} came${why}`,
  );
}

function parsedUrl(text: unknown): URL | undefined {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
}

/** Why a file: URL names no path, as the end of a sentence. */
function whyNoPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url).includes('\0') ? ': no path has a NUL character' : undefined;
  } catch (error) {
    return `: ${reasonOf(error)}`;
  }
}

/** The module to load: where `x.js` is absent and this process can load TypeScript, `x.ts` beside it. */
export function presentModule(url: URL): URL {
  const typescript = new URL(url.href.replace(/\.(m?)js$/, '.$1ts'));
  return existsSync(fileURLToPath(url)) || !loadsTypeScript() || !existsSync(fileURLToPath(typescript))
    ? url
    : typescript;
}

function loadsTypeScript(): boolean {
  const features = process.features as { readonly typescript?: unknown };
  return (
    Boolean(features.typescript) ||
    process.execArgv.some((argument) => /\btsx\b|\bts-node\b|strip-types/.test(argument))
  );
}

/**
 * The host's own Node arguments, less those that make no sense in a second process: code to run, tests, debuggers, what writes profiles
 * and reports, and the size of the heap, which is an evaluation's own limit.
 */
export function inheritedNodeArgs(args: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  let isDropping = false;
  for (const argument of args) {
    // What does not begin with a dash is the value of the option before it.
    if (argument.startsWith('-')) isDropping = notInherited.test(asNamed(argument));
    if (!isDropping) kept.push(argument);
    if (argument.includes('=')) isDropping = false;
  }
  return kept;
}

/** V8 takes underscores for dashes. */
function asNamed(argument: string): string {
  const [name = ''] = argument.split('=', 1);
  return name.replaceAll('_', '-');
}

const notInherited =
  /^(-e|-p|-pe|--(eval|print|input-type|inspect|test|watch|cpu-prof|heap-prof|heapsnapshot|prof|report|trace-event|max-(old-space|heap)-size).*)$/;
