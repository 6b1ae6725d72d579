import { inspect, isDeepStrictEqual } from 'node:util';

/**
 * Says in what a value differs from the fields that were expected of it: fields that the expectation does not name may be
 * anything, inner objects too.
 *
 * @returns a phrase, `observed was to be 6, but 7 came`; `undefined` when nothing differs.
 */
export function mismatchOf(expected: unknown, actual: unknown, path = ''): string | undefined {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual) ? undefined : sentence(path, expected, actual);
  if (!isPlain(expected)) return isDeepStrictEqual(actual, expected) ? undefined : sentence(path, expected, actual);
  if (typeof actual !== 'object' || actual === null) return sentence(path, expected, actual);
  for (const [key, wanted] of Object.entries(expected)) {
    const mismatch = mismatchOf(wanted, (actual as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function sentence(path: string, expected: unknown, actual: unknown): string {
  return `${path === '' ? 'it' : path} was to be ${said(expected)}, but ${said(actual)} came`;
}

function said(value: unknown): string {
  return inspect(value, { breakLength: Infinity, compact: true, depth: 3 });
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** `expect.any(Number)` and the like, of vitest and of others. */
function isAsymmetric(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return typeof (value as { asymmetricMatch?: unknown } | null | undefined)?.asymmetricMatch === 'function';
}
