/**
 * Says the first that is NaN or infinite: `"loss" is NaN`. What is no number is not looked at.
 *
 * @param watched the names of those that are; by default all
 */
export function notFiniteIn(
  metrics: Readonly<Record<string, unknown>>,
  watched?: readonly string[],
): string | undefined {
  for (const name of watched ?? Object.keys(metrics)) {
    const value = metrics[name];
    if (typeof value === 'number' && !Number.isFinite(value)) return `"${name}" is ${value}`;
  }
  return undefined;
}
