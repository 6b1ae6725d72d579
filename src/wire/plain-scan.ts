import { Serializer } from 'node:v8';
import { cost, longestIndexBytes, longestPatternBytes, mostPlaces, widestGap } from './plain-cost.ts';
import { PlainReader } from './plain-reader.ts';

/**
 * Walks what V8's serialiser is said to have written, before V8 reads it.
 *
 * V8's reader is safe with any bytes, but generous: six of them make it allocate an array of 33 million empty places (264 MB), ten
 * reserve 4 GB for a resizable buffer, and what does not fit into its heap ends the process. This knows the tags that V8 writes
 * since version 15 (`src/objects/value-serializer.cc` there), and refuses all others.
 *
 * On the way a bare SharedArrayBuffer becomes an ordinary buffer in the bytes: Node can write one and not read it.
 *
 * @throws {Error} for what V8's serialiser does not write.
 */
export function scanPlain(bytes: Buffer): PlainFindings {
  return new PlainScan(bytes).findings();
}

export interface PlainFindings {
  /** How much heap the value takes at most, about. */
  readonly heapBytes: number;
  /** Whether V8 has copied a buffer that nobody had told it of; and whether such a one is resizable. */
  readonly hasBuffer: boolean;
  readonly hasResizable: boolean;
}

const oldestVersion = 15;
const ownVersion = versionWritten();

function versionWritten(): number {
  const serializer = new Serializer();
  serializer.writeHeader();
  return serializer.releaseBuffer()[1] ?? oldestVersion;
}

const code = (character: string): number => character.charCodeAt(0);
const hole = code('-');
const plainBuffer = code('t');

class PlainScan {
  readonly #reader: PlainReader;
  #heap = 0;
  #hasBuffer = false;
  #hasResizable = false;

  constructor(bytes: Buffer) {
    this.#reader = new PlainReader(bytes);
  }

  findings(): PlainFindings {
    const mark = this.#reader.byte();
    const version = this.#reader.byte();
    if (mark !== 0xff || version < oldestVersion || version > ownVersion)
      throw new Error(`it is of another format (version ${version}, ${ownVersion} is known)`);
    this.#value();
    return { heapBytes: this.#heap, hasBuffer: this.#hasBuffer, hasResizable: this.#hasResizable };
  }

  #value(): void {
    const reader = this.#reader;
    this.#heap += cost.place;
    const tag = reader.tag();
    switch (String.fromCharCode(tag)) {
      case '_': // undefined
      case '0': // null
      case 'T':
      case 'F':
        return;
      case 'I':
      case 'U':
      case '^': // an object that came before
        reader.varint();
        return;
      case 'N':
        this.#heap += cost.number;
        reader.skip(8);
        return;
      case 'Z':
        this.#bigint();
        return;
      case '"': // of one byte a character, and of two
      case 'c':
        this.#characters();
        return;
      case 'x': // boxed booleans
      case 'y':
        this.#heap += cost.object;
        return;
      case 'D':
      case 'n': // a boxed number
        this.#heap += cost.object;
        reader.skip(8);
        return;
      case 'z':
        this.#heap += cost.object;
        this.#bigint();
        return;
      case 's':
        this.#heap += cost.object;
        this.#string();
        return;
      case 'R':
        this.#pattern();
        return;
      case 'o':
        this.#heap += cost.object;
        this.#properties('{', 1);
        return;
      case 'A':
        this.#denseArray();
        return;
      case 'a':
        this.#sparseArray();
        return;
      case ';':
        this.#members(':');
        return;
      case "'":
        this.#members(',');
        return;
      case 'r':
        this.#error();
        return;
      case 'B':
        this.#hasBuffer = true;
        this.#heap += cost.collection;
        reader.skip(reader.varint());
        return;
      case '~':
        this.#hasBuffer = this.#hasResizable = true;
        this.#resizable();
        return;
      case 'u':
        reader.bytes[reader.at - 1] = plainBuffer;
        reader.varint();
        return;
      case 't': // a bare buffer, and a view: each by its place in the list
      case '\\':
        reader.varint();
        return;
      default:
        throw new Error(`it has an unknown tag ${tag} at byte ${reader.at - 1}`);
    }
  }

  /** Names and values up to the end, then their counts. */
  #properties(end: string, counts: number): void {
    let places = 0;
    while (this.#reader.peek() !== code(end)) {
      const index = this.#name();
      if (index >= places) {
        this.#heap += Math.min(index + 1 - places, widestGap) * cost.gap;
        places = index + 1;
      }
      this.#heap += cost.property;
      this.#value();
    }
    this.#end(counts);
  }

  /** @returns the name as an index, or -1 where it is none. */
  #name(): number {
    const reader = this.#reader;
    this.#heap += cost.place;
    const tag = String.fromCharCode(reader.tag());
    if (tag === '"' || tag === 'c') return this.#textAsIndex(this.#characters());
    if (tag === 'U') return reader.varint();
    if (tag === 'I') {
      const zigzag = reader.varint();
      return zigzag % 2 === 0 ? zigzag / 2 : -1;
    }
    if (tag !== 'N') throw new Error(`it has a property without a name at byte ${reader.at - 1}`);
    reader.skip(8);
    const index = reader.bytes.readDoubleLE(reader.at - 8);
    return Number.isInteger(index) ? index : -1;
  }

  /** The text of so many bytes that has just been read; V8 takes "12" for 12. */
  #textAsIndex(bytes: number): number {
    const { bytes: all, at } = this.#reader;
    const first = all[at - bytes] ?? 0;
    if (first < code('0') || first > code('9') || bytes > longestIndexBytes) return -1;
    const text = all.toString('latin1', at - bytes, at).replaceAll('\0', '');
    return /^\d+$/.test(text) ? Number(text) : -1;
  }

  #members(end: string): void {
    this.#heap += cost.collection;
    while (this.#reader.peek() !== code(end)) {
      this.#heap += cost.place; // a table is at most half full
      this.#value();
    }
    this.#end(1);
  }

  #end(counts: number): void {
    this.#reader.tag();
    for (let count = 0; count < counts; count++) this.#reader.varint();
  }

  #denseArray(): void {
    const length = this.#reader.varint();
    // Every element takes a byte at least.
    if (length > this.#reader.left) throw new Error('it has an array longer than itself');
    this.#heap += cost.object;
    for (let index = 0; index < length; index++) {
      if (this.#reader.peek() === hole) {
        this.#heap += cost.place;
        this.#reader.tag();
      } else this.#value();
    }
    this.#properties('$', 2);
  }

  #sparseArray(): void {
    const length = this.#reader.varint();
    this.#heap += cost.object + (length <= mostPlaces ? length * cost.place : 0);
    this.#properties('@', 2);
  }

  /** Its parts, whose tags are others than those of values. */
  #error(): void {
    this.#heap += cost.collection;
    for (;;) {
      const part = String.fromCharCode(this.#reader.byte());
      if (part === '.') return;
      if (part === 'm' || part === 's') this.#string();
      else if (part === 'c') this.#value();
      else if (!'EFRSTU'.includes(part)) throw new Error(`it has an error with an unknown part "${part}"`);
    }
  }

  #pattern(): void {
    const length = this.#string();
    if (length > longestPatternBytes)
      throw new Error(`it has a regular expression of ${length} bytes, the limit is ${longestPatternBytes}`);
    this.#heap += cost.object + length * cost.patternCharacter;
    this.#reader.varint();
  }

  /** @returns its length in bytes. */
  #string(): number {
    const tag = String.fromCharCode(this.#reader.tag());
    if (tag !== '"' && tag !== 'c') throw new Error(`it has no text at byte ${this.#reader.at - 1}`);
    return this.#characters();
  }

  /** @returns their length in bytes. */
  #characters(): number {
    const bytes = this.#reader.varint();
    this.#heap += cost.string + bytes;
    this.#reader.skip(bytes);
    return bytes;
  }

  #resizable(): void {
    const bytes = this.#reader.varint();
    this.#reader.varint(); // as large as it may become
    this.#reader.skip(bytes);
  }

  #bigint(): void {
    const bytes = Math.floor((this.#reader.varint() % 2 ** 31) / 2); // the lowest bit is the sign
    this.#heap += cost.string + bytes;
    this.#reader.skip(bytes);
  }
}
