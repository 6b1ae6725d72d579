import ts from 'typescript';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  exports: Record<string, { readonly 'pitwall:source'?: string } | string>;
};
const entries = Object.values(exports).flatMap((entry) =>
  typeof entry === 'object' && entry['pitwall:source'] !== undefined ? [root + entry['pitwall:source'].slice(2)] : [],
);

/** The types of all that a package's entries export, as its users get them: from the declarations. */
function declarations(): readonly ts.SourceFile[] {
  const config = ts.readConfigFile(`${root}tsconfig.build.json`, (path) => ts.sys.readFile(path)).config as object;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const written: ts.SourceFile[] = [];
  ts.createProgram(entries, { ...options, noEmit: false, emitDeclarationOnly: true, declarationMap: false }).emit(
    undefined,
    (path, text) => {
      if (path.endsWith('.d.ts')) written.push(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
    },
  );
  return written;
}

/** Where `any` stands as a type. */
function anysIn(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${file.fileName}: ${node.parent.getText().slice(0, 100)}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('the public surface', () => {
  it('has no any', () => {
    const files = declarations();

    expect(entries.length).toBeGreaterThan(4);
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap(anysIn)).toEqual([]);
  }, 120_000);
});
