import { styleText } from 'node:util';

/** The formats of `styleText` that the demo uses. */
export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of a line, in one format; every character of it is one column wide. */
export type Span = string | readonly [format: Format, text: string];

/** A line of text before it is painted, so that its width is known. */
export type TextLine = readonly Span[];

/** Puts a format on a text, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

export const plain: Paint = (_format, text) => text;

/** With colours where the stream has them and NO_COLOR (no-color.org) is not set. */
export function paintFor(
  out: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  const { NO_COLOR = '', TERM } = environment;
  if (out.isTTY !== true || NO_COLOR !== '' || TERM === 'dumb') return plain;
  return (format, text) => styleText(format, text, { validateStream: false });
}

export function widthOf(line: TextLine): number {
  return line.reduce((width, span) => width + textOf(span).length, 0);
}

/** The line painted, cut to at most `columns` characters with an ellipsis. */
export function painted(line: TextLine, paint: Paint = plain, columns = Infinity): string {
  let left = widthOf(line) > columns ? columns - 1 : columns;
  const isCut = left < columns;
  const spans = line.map((span) => {
    const text = textOf(span).slice(0, Math.max(0, left));
    left -= text.length;
    return typeof span === 'string' || text === '' ? text : paint(span[0], text);
  });
  return spans.join('') + (isCut ? '…' : '');
}

function textOf(span: Span): string {
  return typeof span === 'string' ? span : span[1];
}
