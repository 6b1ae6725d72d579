import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';

/** Loads a module of ours in a process of its own, and gives the packages that it asked for. */
async function packagesOf(path: string): Promise<readonly string[]> {
  const hook = `export async function resolve(specifier, context, next) {
    if (/^[a-z@]/.test(specifier) && !specifier.includes(':')) console.log('package ' + specifier);
    return next(specifier, context);
  }`;
  const url = siblingEntry(`../../src/${path}`, import.meta.url).href;
  const program = `import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    await import(${JSON.stringify(url)});`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  return [...stdout.matchAll(/^package (.*)$/gm)].map(([, name = '']) => name);
}

describe('what an evaluator loads before its own module', () => {
  it.each(['evaluator/run-evaluator', 'executors/thread-evaluator'])(
    '%s is nothing but Node’s own: a package would slow every start',
    async (path) => {
      expect(await packagesOf(path)).toEqual([]);
    },
  );

  it('is seen: what the supervisor loads has zod', async () => {
    expect(await packagesOf('supervisor/evaluator-talk')).toContain('zod');
  });
});
