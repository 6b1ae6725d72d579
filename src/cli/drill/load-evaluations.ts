import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { settingsOf, type EvaluationSettings } from '../../callbacks/index.ts';
import { ConfigurationError, nearMatch, reasonOf } from '../../errors/index.ts';

/**
 * Loads a module and finds the evaluations that it exports: each export is one, or an array or a plain object of some.
 *
 * @param only the name of one of them
 * @throws {ConfigurationError} one sentence: there is no such module, it fails to load, or it has no such evaluation.
 */
export async function loadEvaluations(path: string, only?: string): Promise<readonly EvaluationSettings[]> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new ConfigurationError(`There is no module ${path}: name the file that exports your evaluations.`);
  const exported = await loaded(file, path);
  const values = Object.values(exported).flatMap((value: unknown) => [value, ...valuesIn(value)]);
  const found = [...new Set(values)].flatMap((value) => settingsOf(value) ?? []);
  if (found.length === 0) throw new ConfigurationError(whyNone(path, values));
  if (only === undefined) return found;
  const named = found.filter(({ name }) => name === only);
  if (named.length > 0) return named;
  const names = found.map(({ name }) => name);
  const near = nearMatch(only, names);
  throw new ConfigurationError(
    `${path} has no evaluation "${only}": ${near === undefined ? `it has ${names.join(', ')}` : `did you mean "${near}"?`}`,
  );
}

async function loaded(file: string, path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(file).href)) as object;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const hint =
      code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?ts$/.test(path)
        ? '. TypeScript wants a loader: NODE_OPTIONS="--import tsx" npx pitwall drill …'
        : '';
    throw new ConfigurationError(`${path} cannot be loaded: ${reasonOf(error)}${hint}`, { cause: error });
  }
}

/** What an array or a plain object holds. */
function valuesIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'object' || value === null) return [];
  return Object.getPrototypeOf(value) === Object.prototype && settingsOf(value) === undefined
    ? Object.values(value)
    : [];
}

function whyNone(path: string, values: readonly unknown[]): string {
  const isElsewhere = values.some((value) => typeof value === 'object' && value !== null && 'results$' in value);
  return isElsewhere
    ? `The evaluations of ${path} were made by another copy of pitwall than this command's: run the one that is installed in their project (npx pitwall drill, in its folder).`
    : `${path} exports no evaluation: export what evaluation({ … }) gives, by itself or in an array or an object.`;
}
