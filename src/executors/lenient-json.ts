/**
 * Reads JSON as programs write it: Python's NaN, Infinity and -Infinity, which JSON has not, are `null`, which stands for what is
 * not known.
 *
 * @throws {SyntaxError} for what is no JSON otherwise.
 */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    const strict = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
      found.startsWith('"') ? found : 'null',
    );
    return JSON.parse(strict) as unknown;
  }
}
