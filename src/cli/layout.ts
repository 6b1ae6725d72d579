/** Breaks a text between words so that no line is longer than `columns`, 80 by default; lines after the first are indented. */
export function wrapped(
  text: string,
  {
    first = '',
    rest = '',
    columns = 80, // what a terminal that was never widened shows
  }: { readonly first?: string; readonly rest?: string; readonly columns?: number } = {},
): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** Rows with aligned columns, the last of which is broken between words and goes on below itself. */
export function rows(cells: readonly (readonly string[])[], rightAligned: readonly number[] = []): string[] {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.flatMap((row) => {
    const last = row.length - 1;
    const fixed = row
      .slice(0, last)
      .map((cell, column) =>
        rightAligned.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      );
    const first = ['', ...fixed, ''].join('  ');
    return wrapped(row[last] ?? '', { first, rest: ' '.repeat(first.length) }).map((line) => line.trimEnd());
  });
}

/** `1-3, 5, 7-8`. @param numbers in order */
export function ranges(numbers: readonly number[]): string {
  const found: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && number <= last[1] + 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
