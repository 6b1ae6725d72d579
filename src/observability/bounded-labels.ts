/** A label with more values than this is no label any more: each is a time series of its own. */
const mostValues = 100;

/** What stands for all values that came when there were enough. */
const other = 'other';

/** Keeps the values of each label few: the first hundred by their names, all later ones together. */
export class BoundedLabels {
  readonly #seen = new Map<string, Set<string>>();

  value(label: string, value: string): string {
    const seen = this.#seen.get(label) ?? new Set();
    this.#seen.set(label, seen);
    if (seen.has(value)) return value;
    if (seen.size >= mostValues) return other;
    seen.add(value);
    return value;
  }
}
