import type { Measured, Row, Table } from './measurement.ts';

/** One measurement as it is told. */
export interface Chapter {
  readonly title: string;
  readonly how: string;
  readonly seconds: number;
  readonly measured: Measured | { readonly failure: string };
}

/** A chapter as markdown, for the screen and for the documentation alike. */
export function chapterText({ title, how, seconds, measured }: Chapter): string {
  const parts = [`## ${title}`, how];
  if ('failure' in measured) parts.push(`**Not measured**: ${measured.failure}`);
  else {
    if (measured.rows !== undefined) parts.push(tableText(tableOf(measured.rows)));
    if (measured.table !== undefined) parts.push(tableText(measured.table));
    parts.push(...(measured.notes ?? []));
  }
  return `${parts.join('\n\n')}\n\n(${seconds.toFixed(0)} s)\n`;
}

/** All that has a target, in one table: what a reader looks for first. */
export function summaryText(chapters: readonly Chapter[]): string {
  const rows = chapters.flatMap(({ measured }) => ('failure' in measured ? [] : (measured.rows ?? [])));
  const lines = rows
    .filter(({ target }) => target !== undefined)
    .map(({ what, who, figure, target }) => [`${what} (${who})`, figure, target?.text ?? '', verdictOf(target)]);
  return `## All that has a target\n\n${tableText({ head: ['what', 'figure', 'target', ''], lines })}\n`;
}

function tableOf(rows: readonly Row[]): Table {
  const lines = rows.map(({ what, who, figure, target }) => [what, who, figure, target?.text ?? '', verdictOf(target)]);
  return { head: ['what', 'who', 'figure', 'target', ''], lines };
}

function verdictOf(target: Row['target']): string {
  switch (target?.verdict) {
    case undefined:
      return '';
    case 'held':
      return 'held';
    case 'missed':
      return '**missed**';
    case 'unclear':
      return 'cannot be told';
  }
}

function tableText({ head, lines }: Table): string {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(3, ...all.map((line) => (line[column] ?? '').length)));
  const text = (line: readonly string[]): string =>
    `| ${widths.map((width, column) => (line[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [first, ...others] = all.map(text);
  return [first, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...others].join('\n');
}
