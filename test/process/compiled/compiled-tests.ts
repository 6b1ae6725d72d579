import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'vitest/config';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Lets each test file be its compiled twin, which Node itself loads, with stack traces that name the source. */
export function compiledTests(): Plugin {
  return {
    name: 'pitwall:compiled-tests',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('.test.ts')) return undefined;
      const twin = join(root, '.compiled', relative(root, id).replace(/ts$/, 'js'));
      return `process.setSourceMapsEnabled(true);\nawait import(/* @vite-ignore */ ${JSON.stringify(pathToFileURL(twin).href)});`;
    },
  };
}
