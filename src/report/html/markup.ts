/** Text that is HTML already: made by {@link markup}, or known to be ours. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in {@link markup}: text is escaped, `undefined` and `null` are nothing. */
export type Content = string | number | Markup | undefined | null | readonly Content[];

/**
 * Writes HTML in which whatever is put in is text: no value can end an element, an attribute or a comment. Attributes are to be quoted.
 *
 * @example
 * markup`<p title="${name}">${name}</p>`.text; // of `<b>"`: <p title="&lt;b&gt;&quot;">&lt;b&gt;&quot;</p>
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, place) => part + textOf(values[place])).join(''));
}

function textOf(value: Content): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(textOf).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, which HTML does not allow, are shown as their pictures, and so are marks that turn the direction of writing. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (found) => entities[found] ?? '')
    .replace(/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (found) => pictureOf(found.charCodeAt(0)));
}

function pictureOf(code: number): string {
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

/**
 * Data as JSON inside a `script` element that is not run: nothing in it can end the element, or begin a comment in it.
 */
export function jsonInScript(data: unknown): Markup {
  const text = JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Markup(text);
}
