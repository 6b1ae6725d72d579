import { markup, type Content, type Markup } from './markup.ts';

/** A column of a table: its head, and whether numbers stand in it, to be aligned at their right. */
export interface Column {
  readonly head: Content;
  readonly isNumber?: boolean;
}

/** A table with a caption and, in each row, a first cell that names it. What is wider than the page is scrolled in its own box. */
export function table(caption: Content, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const head = columns.map(({ head, isNumber }) => markup`<th scope="col"${numeric(isNumber)}>${head}</th>`);
  const body = rows.map(
    (row) =>
      markup`<tr>${row.map((cell, place) =>
        place === 0
          ? markup`<th scope="row"${numeric(columns[place]?.isNumber)}>${cell}</th>`
          : markup`<td${numeric(columns[place]?.isNumber)}>${cell}</td>`,
      )}</tr>\n`,
  );
  return markup`<div class="scroll" tabindex="0"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

function numeric(isNumber: boolean | undefined): Content {
  return isNumber === true ? markup` class="number"` : undefined;
}
