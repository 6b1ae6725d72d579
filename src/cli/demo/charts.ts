const levels = '▁▂▃▄▅▆▇█';

/** A character a value: `▁` at `low` and below, `█` at `high` and above. */
export function sparkline(values: readonly number[], [low, high]: readonly [number, number]): string {
  return values
    .map((value) => {
      const level = Math.floor(((value - low) / (high - low)) * levels.length);
      return levels[Math.min(levels.length - 1, Math.max(0, level))] ?? '';
    })
    .join('');
}

/** A table in plain text: the first column to the left, columns of numbers to the right, a dim line is the caller's. */
export function table(rows: readonly (readonly (string | number)[])[], leftColumns: readonly number[] = [0]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  return rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = String(row[column] ?? '');
        return leftColumns.includes(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
