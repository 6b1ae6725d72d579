import { stripVTControlCharacters, styleText } from 'node:util';

/** The formats of `styleText` that are used. */
export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of a line, in one format. */
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

/** How many columns a line takes in a terminal. */
export function widthOf(line: TextLine): number {
  return line.reduce((width, span) => width + columnsOf(textOf(span)), 0);
}

/** The line painted, cut to at most `columns` columns with an ellipsis. */
export function painted(line: TextLine, paint: Paint = plain, columns = Infinity): string {
  const isCut = widthOf(line) > columns;
  let left = isCut ? columns - 1 : columns;
  const spans = line.map((span) => {
    const text = beginningOf(textOf(span), left);
    left -= columnsOf(text);
    return typeof span === 'string' || text === '' ? text : paint(span[0], text);
  });
  return spans.join('') + (isCut ? '…' : '');
}

/** A text in at most `columns` columns: cut with an ellipsis where it is longer. */
export function cut(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : `${beginningOf(text, columns - 1)}…`;
}

/** A text of somebody else's as it may stand in a line: without escape sequences, and without what would break the line. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

// ASCII, Latin, dashes and the ellipsis, and what bars are drawn with: most of what there is, without a look at each character.
const narrowOnly = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u2580-\u25ff]*$/;
// What a terminal draws over two columns: emoji, and the wide and full-width ranges of East Asia (Unicode, UAX #11).
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function columnsOf(text: string): number {
  if (narrowOnly.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

function beginningOf(text: string, columns: number): string {
  if (narrowOnly.test(text)) return text.slice(0, Math.max(0, columns));
  let left = columns;
  let beginning = '';
  for (const { segment } of graphemes.segment(text)) {
    left -= wide.test(segment) ? 2 : 1;
    if (left < 0) break;
    beginning += segment;
  }
  return beginning;
}

function textOf(span: Span): string {
  return typeof span === 'string' ? span : span[1];
}
