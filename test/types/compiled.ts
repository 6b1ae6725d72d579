import ts from 'typescript';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const config = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)).config as object;
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const sources = new Map<string, ts.SourceFile | undefined>();

/** A mistake as `tsc` tells it: the line it stands on, and its sentences, the outermost first. */
export interface Mistake {
  readonly line: string;
  readonly sentences: readonly string[];
}

/** Compiles a program that a user could write, and tells its mistakes. Sources are read once for all programs. */
export function mistakesIn(program: string): readonly Mistake[] {
  const path = `${root}examples/program.ts`;
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) => {
    if (name === path) return ts.createSourceFile(path, program, language);
    if (!sources.has(name)) sources.set(name, read(name, language));
    return sources.get(name);
  };
  const compiled = ts.createProgram([path], options, host);
  const source = compiled.getSourceFile(path);
  return ts.getPreEmitDiagnostics(compiled, source).map(({ start = 0, messageText }) => {
    const { line } = ts.getLineAndCharacterOfPosition(
      source ?? ts.createSourceFile(path, program, ts.ScriptTarget.Latest),
      start,
    );
    return {
      line: program.split('\n')[line]?.trim() ?? '',
      sentences: ts
        .flattenDiagnosticMessageText(messageText, '\n')
        .split('\n')
        .map((sentence) => sentence.trim()),
    };
  });
}
