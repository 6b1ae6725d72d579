import { crc32 } from 'node:zlib';
import type { JournalledEvent } from '../events/index.ts';
import { decodeValue } from './decode-value.ts';
import { encodeValue, omitted, TooLong } from './encode-value.ts';

/** A field that grows longer than this is told as omitted: a line has to fit into memory, also where it is read. */
const longestFieldChars = 32 * 2 ** 20;

/** An event as its line tells it; `untilSeq` is on the line that stands for events that could not be written. */
export type LineEvent = JournalledEvent & { readonly untilSeq?: number };

/**
 * Writes an event as a line of the journal: flat JSON, `seq` and `type` first, `crc` last, a newline at the end.
 *
 * `crc` is the CRC-32 of the UTF-8 text of the line without it: `{"seq":1,…}`. It throws nothing.
 */
export function encodeLine(event: LineEvent, maxFieldChars = longestFieldChars): string {
  const { seq, type, at, runId } = event;
  let text = `{"seq":${seq},"type":${JSON.stringify(type)},"at":${field(at, maxFieldChars) ?? 'null'},"runId":${JSON.stringify(runId)}`;
  for (const key of Object.keys(event)) {
    if (key === 'seq' || key === 'type' || key === 'at' || key === 'runId' || key === 'crc') continue;
    const encoded = field(event[key as keyof JournalledEvent], maxFieldChars);
    if (encoded !== undefined) text += `,${JSON.stringify(key)}:${encoded}`;
  }
  return `${text},"crc":${crc32(`${text}}`)}}\n`;
}

/** A line read back: the event, or in a few words why it is none. */
export type DecodedLine = { readonly event: LineEvent } | { readonly problem: string };

/**
 * Reads a line, given as its bytes without the newline.
 */
export function decodeLine(bytes: Buffer): DecodedLine {
  const crcAt = bytes.lastIndexOf(crcField);
  const told = crcAt === -1 ? undefined : /^,"crc":(\d+)\}$/.exec(bytes.toString('latin1', crcAt))?.[1];
  if (told === undefined) return { problem: 'it does not end with a checksum ("crc")' };
  if (crc32(closingBrace, crc32(bytes.subarray(0, crcAt))) !== Number(told))
    return { problem: 'its checksum ("crc") does not fit its text' };
  try {
    // What the checksum is of: without it, so that no field has to be taken out again.
    const text = `${bytes.toString('utf8', 0, crcAt)}}`;
    const fields = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isInteger(fields.seq) || typeof fields.type !== 'string')
      return { problem: 'it has no "seq" or no "type"' };
    return { event: (text.includes('"$') ? decodeValue(fields) : fields) as LineEvent };
  } catch (error) {
    return { problem: `it is not JSON (${(error as Error).message})` };
  }
}

const crcField = Buffer.from(',"crc":');
const closingBrace = Buffer.from('}');

function field(value: unknown, maxChars: number): string | undefined {
  try {
    return encodeValue(value, maxChars);
  } catch (error) {
    if (error instanceof TooLong) return omitted(`longer than ${maxChars} characters`);
    throw error;
  }
}
