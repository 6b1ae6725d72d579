/**
 * A packed value, byte by byte; numbers are little-endian doubles, so that sizes above 4 GB fit:
 *
 *     0   the mark
 *     8   three numbers: bytes of the plain part, count of bare buffers, count of views
 *     32  each bare buffer: its place, its bytes
 *         each view: its kind, its memory (0 is this file, n the nth bare buffer), its place there, its bytes
 *         the plain part: all but the arrays, by V8's serialiser; a view in it is an index of the list above
 *         the memory of the arrays, each region aligned to 8
 */
export interface PackedHead {
  readonly plain: Buffer;
  readonly buffers: readonly PackedBuffer[];
  readonly views: readonly PackedView[];
}

interface PackedBuffer {
  readonly at: number;
  readonly bytes: number;
}

interface PackedView extends PackedBuffer {
  readonly kind: number;
  readonly memory: number;
}

/** The same, of a file that may hold anything: an entry is read when it is asked for. */
export interface UncheckedHead {
  readonly plain: Buffer;
  readonly bufferCount: number;
  readonly viewCount: number;
  readonly bufferAt: (index: number) => PackedBuffer;
  readonly viewAt: (index: number) => PackedView;
}

const mark = Buffer.from('PITWALL1');
const numberBytes = 8;
const fixedBytes = 32;
const bufferEntryBytes = 2 * numberBytes;
const viewEntryBytes = 4 * numberBytes;

/** How long the head of so many is, the plain part included. */
export function headBytes(plainBytes: number, buffers: number, views: number): number {
  return fixedBytes + buffers * bufferEntryBytes + views * viewEntryBytes + plainBytes;
}

export function writeHead({ plain, buffers, views }: PackedHead): Buffer {
  const head = Buffer.allocUnsafeSlow(headBytes(plain.length, buffers.length, views.length));
  mark.copy(head);
  let at = mark.length;
  const write = (value: number): void => {
    at = head.writeDoubleLE(value, at);
  };
  write(plain.length);
  write(buffers.length);
  write(views.length);
  for (const buffer of buffers) {
    write(buffer.at);
    write(buffer.bytes);
  }
  for (const view of views) {
    write(view.kind);
    write(view.memory);
    write(view.at);
    write(view.bytes);
  }
  plain.copy(head, at);
  return head;
}

/**
 * Reads the head of what claims to be a packed value. What its entries say is still anything.
 *
 * @throws {Error} where it is none, or shorter than it says.
 */
export function readHead(file: Buffer): UncheckedHead {
  if (file.length < fixedBytes || !file.subarray(0, mark.length).equals(mark))
    throw new Error('it does not begin as one');
  const numbersAt = (at: number, index: number): number => file.readDoubleLE(at + index * numberBytes);
  const counts = [0, 1, 2].map((index) => numbersAt(mark.length, index));
  const [plainBytes = 0, bufferCount = 0, viewCount = 0] = counts;
  const isCount = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  // Nothing is made by these numbers before the file is known to be as long as they say.
  if (!isCount || headBytes(plainBytes, bufferCount, viewCount) > file.length)
    throw new Error(`it has ${file.length} bytes, fewer than it says`);

  const viewsAt = fixedBytes + bufferCount * bufferEntryBytes;
  const plainAt = viewsAt + viewCount * viewEntryBytes;
  return {
    plain: file.subarray(plainAt, plainAt + plainBytes),
    bufferCount,
    viewCount,
    bufferAt: (index) => {
      const at = fixedBytes + index * bufferEntryBytes;
      return { at: numbersAt(at, 0), bytes: numbersAt(at, 1) };
    },
    viewAt: (index) => {
      const at = viewsAt + index * viewEntryBytes;
      return { kind: numbersAt(at, 0), memory: numbersAt(at, 1), at: numbersAt(at, 2), bytes: numbersAt(at, 3) };
    },
  };
}
