import { crc32 } from 'node:zlib';
import type { JournalledEvent } from '../events/index.ts';
import { decodeValue } from './decode-value.ts';
import { journalFormat } from './journal-format.ts';
import { encodeValue, omitted, TooLong } from './encode-value.ts';

/** A field that grows longer than this is told as omitted: a line has to fit into memory, also where it is read. */
const longestFieldChars = 32 * 2 ** 20;

/**
 * An event as its line tells it; `untilSeq` is on the line that stands for events that could not be written, `format` on the first
 * one.
 */
export type LineEvent = JournalledEvent & { readonly untilSeq?: number; readonly format?: number };

/**
 * Writes an event as a line of the journal: flat JSON, `seq` and `type` first, `crc` last, a newline at the end.
 *
 * `crc` is the CRC-32 of the UTF-8 text of the line without it: `{"seq":1,…}`. It throws nothing.
 */
export function encodeLine(event: LineEvent, maxFieldChars = longestFieldChars): string {
  const { seq, type, at, runId } = event;
  let text = `{"seq":${seq},"type":${JSON.stringify(type)},"at":${field(at, maxFieldChars) ?? 'null'},"runId":${JSON.stringify(runId)}`;
  for (const key of Object.keys(event)) {
    if (key === 'seq' || key === 'type' || key === 'at' || key === 'runId' || key === 'format' || key === 'crc')
      continue;
    const encoded = field(event[key as keyof JournalledEvent], maxFieldChars);
    if (encoded !== undefined) text += `,${JSON.stringify(key)}:${encoded}`;
  }
  if (type === 'run:start') text += `,"format":${journalFormat}`;
  return `${text},"crc":${crc32(`${text}}`)}}\n`;
}

/** A line read back: the event, or in a few words why it is none. */
export type DecodedLine = { readonly event: LineEvent } | { readonly problem: string };

/**
 * Reads a line, given as its bytes without the newline.
 */
export function decodeLine(bytes: Buffer): DecodedLine {
  const { at, crc } = checksumIn(bytes);
  if (at === -1) return { problem: 'it does not end with a checksum ("crc")' };
  // For as long as this takes, the line ends where its checksum began: that is the text which the checksum is of.
  bytes[at] = closingBrace;
  try {
    const whole = bytes.subarray(0, at + 1);
    if (crc32(whole) !== crc) return { problem: 'its checksum ("crc") does not fit its text' };
    const text = whole.toString('utf8');
    const fields = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isInteger(fields.seq) || typeof fields.type !== 'string')
      return { problem: 'it has no "seq" or no "type"' };
    // The one character is found far quicker than the two that a tag begins with.
    return { event: (text.includes('$') ? decodeValue(fields) : fields) as LineEvent };
  } catch (error) {
    return { problem: `it is not JSON (${(error as Error).message})` };
  } finally {
    bytes[at] = comma;
  }
}

const crcField = Buffer.from(',"crc":');
const comma = 0x2c;
const closingBrace = 0x7d;
const [zero, nine] = [0x30, 0x39];

/** Where the `,"crc":123}` at the end of a line begins, and its number: looked for by hand, as it is done for each of a million lines. */
function checksumIn(bytes: Buffer): { readonly at: number; readonly crc: number } {
  const end = bytes.length - 1;
  let digits = end;
  let crc = 0;
  for (let unit = 1, digit = bytes[digits - 1] ?? 0; digit >= zero && digit <= nine; digit = bytes[--digits - 1] ?? 0) {
    crc += (digit - zero) * unit;
    unit *= 10;
  }
  const at = digits - crcField.length;
  let isThere = bytes[end] === closingBrace && digits < end && at >= 0;
  for (let place = 0; isThere && place < crcField.length; place++) isThere = bytes[at + place] === crcField[place];
  return isThere ? { at, crc } : { at: -1, crc: 0 };
}

function field(value: unknown, maxChars: number): string | undefined {
  try {
    return encodeValue(value, maxChars);
  } catch (error) {
    if (error instanceof TooLong) return omitted(`longer than ${maxChars} characters`);
    throw error;
  }
}
