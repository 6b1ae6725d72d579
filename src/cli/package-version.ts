import { readFileSync } from 'node:fs';

/** The version in package.json, two folders up in source and in the built package alike. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}
