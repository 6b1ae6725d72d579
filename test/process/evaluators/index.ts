/** The URL of one of the evaluators beside this file. */
export function evaluator(name: string): URL {
  return new URL(`./${name}.mjs`, import.meta.url);
}
