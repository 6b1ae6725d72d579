import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files below a folder, from the project's root; what was generated or installed is not ours. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(root + folder, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', 'dist', 'reference'].includes(name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** Lines as they are compared: how far one is indented, and where blank ones stand, differs between a page and a file. */
function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A line that stands for some that a page leaves out. */
const isElision = (line: string): boolean => line === '// …';

interface Snippet {
  readonly page: string;
  readonly line: number;
  /** What stands between two elisions. */
  readonly parts: readonly (readonly string[])[];
}

function snippetsOf(page: string): readonly Snippet[] {
  const text = readFileSync(root + page, 'utf8');
  return [...text.matchAll(/^```(?:ts|typescript|js|javascript|py|python)\n(.*?)^```/gms)].map((match) => {
    const parts: string[][] = [[]];
    for (const line of linesOf(match[1] ?? '')) {
      if (isElision(line)) parts.push([]);
      else parts.at(-1)?.push(line);
    }
    return {
      page,
      line: text.slice(0, match.index).split('\n').length,
      parts: parts.filter((part) => part.length > 0),
    };
  });
}

const pages = ['README.md', ...filesBelow('docs'), ...filesBelow('examples')].filter((path) => path.endsWith('.md'));
const sources = filesBelow('examples')
  .filter((path) => /\.(?:ts|mjs|py)$/.test(path))
  .map((path) => `\n${linesOf(readFileSync(root + path, 'utf8')).join('\n')}\n`);

/** Whether one file has all of it, in this order: so it is compiled with the project, and run with the examples. */
function isOfAnExample({ parts }: Snippet): boolean {
  return sources.some((source) => {
    let from = 0;
    return parts.every((part) => {
      const at = source.indexOf(`\n${part.join('\n')}\n`, from);
      from = at + 1;
      return at >= 0;
    });
  });
}

describe('the code on every page', () => {
  const snippets = pages.flatMap(snippetsOf);

  it('is there', () => {
    expect(snippets.length).toBeGreaterThan(20);
  });

  it.each(snippets.map((snippet) => [`${snippet.page}:${snippet.line}`, snippet] as const))(
    'is of an example that runs: %s',
    (_, snippet) => {
      expect(isOfAnExample(snippet), `not found in any file of examples/:\n${snippet.parts[0]?.join('\n') ?? ''}`).toBe(
        true,
      );
    },
  );
});
