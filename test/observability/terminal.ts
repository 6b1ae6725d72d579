import { Writable } from 'node:stream';

/** What of the East Asian wide ranges and the emoji the tests use. */
const wide = /[\u3000-\u9fff\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** A terminal in memory: it obeys what moves the cursor and erases, and shows what a person would see. */
export class Terminal extends Writable {
  readonly isTTY = true;
  columns: number;
  rows = 24;
  /** Everything that was written, as it came. */
  text = '';
  /** What each write left on the screen. */
  readonly frames: string[] = [];
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString();
    this.text += text;
    // eslint-disable-next-line no-control-regex -- it is a terminal
    for (const [token] of text.matchAll(/\u001b\[\??[\d;]*[A-Za-z]|[^]/gu)) this.#obey(token);
    if (text !== '') this.frames.push(this.screen.join('\n'));
    done();
  }

  /** The lines that have something in them. */
  get screen(): string[] {
    return this.#lines.map((cells) => cells.join('').trimEnd()).filter((line) => line !== '');
  }

  get isCursorHidden(): boolean {
    return this.text.lastIndexOf('\u001b[?25l') > this.text.lastIndexOf('\u001b[?25h');
  }

  #obey(token: string): void {
    if (token.startsWith('\u001b[')) this.#control(token.slice(2, -1), token.slice(-1));
    else if (token === '\n') this.#newLine();
    else if (token === '\r') this.#column = 0;
    else this.#put(token);
  }

  #control(parameter: string, order: string): void {
    const count = Number(parameter) || 1;
    const line = this.#lines[this.#row] ?? [];
    if (order === 'A') this.#row = Math.max(0, this.#row - count);
    else if (order === 'B') this.#row += count;
    else if (order === 'G') this.#column = count - 1;
    else if (order === 'K') {
      if (parameter === '2') line.length = 0;
      else line.length = Math.min(line.length, this.#column);
    } else if (!['m', 'h', 'l'].includes(order)) throw new Error(`The terminal does not know ESC[${parameter}${order}`);
  }

  #put(character: string): void {
    const width = wide.test(character) ? 2 : 1;
    if (this.#column + width > this.columns) this.#newLine();
    const line = (this.#lines[this.#row] ??= []);
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = character;
    if (width === 2) line[this.#column + 1] = '';
    this.#column += width;
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= [];
  }
}
