import type { Figure } from './run-report.ts';

/** More fields than these draw nobody's attention. */
const mostFigures = 40;

/**
 * The numbers in metrics or in a result, by their names: those of the object itself, and those of the objects in it as `elo.score`. A
 * number alone is `value`.
 *
 * An object with `low` and `high` is an estimate: they are the ends of an interval about the first other number in it that lies between
 * them, which is named after the object if it is called `value`, `mean`, `estimate` or as the object is. `null` is "not measured".
 */
export function figuresOf(told: unknown): readonly Figure[] {
  if (typeof told === 'number') return [{ name: 'value', value: told }];
  if (!isObject(told)) return [];
  const figures = [...numbersOf(told, '')];
  for (const [key, value] of Object.entries(told)) {
    if (figures.length >= mostFigures) break;
    if (isObject(value)) figures.push(...numbersOf(value, key));
  }
  return figures.slice(0, mostFigures);
}

function* numbersOf(object: Readonly<Record<string, unknown>>, within: string): Iterable<Figure> {
  const isEstimate = isNumberOrNull(object.low) && isNumberOrNull(object.high);
  const { low, high } = object as { readonly low: number | null; readonly high: number | null };
  const middle = isEstimate ? Object.keys(object).find((key) => isBetween(object[key], low, high, key)) : undefined;
  for (const [key, value] of Object.entries(object)) {
    if (!isNumberOrNull(value) || (middle !== undefined && (key === 'low' || key === 'high'))) continue;
    if (key === middle) yield { name: estimateName(within, key), value, low, high };
    else yield { name: within === '' ? key : `${within}.${key}`, value };
  }
}

function isBetween(value: unknown, low: number | null, high: number | null, key: string): boolean {
  if (key === 'low' || key === 'high' || typeof value !== 'number') return false;
  return value >= (low ?? -Infinity) && value <= (high ?? Infinity);
}

function estimateName(within: string, key: string): string {
  if (within === '') return key;
  return ['value', 'mean', 'estimate', within].includes(key) ? within : `${within}.${key}`;
}

function isNumberOrNull(value: unknown): value is number | null {
  return typeof value === 'number' || value === null;
}

/** Arrays and what the journal writes in their place are data, and no figures. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !('$array' in value) &&
    !(value instanceof Date)
  );
}
