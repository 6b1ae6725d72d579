// Fills its mailbox with what is no letter, and with letters that nobody could have written.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.mjs';
const absurd = { done: 1e308, running: { name: 7, startedMs: 1e300 }, progressCount: -1, partialCount: 1e9 };
const texts = ['', '{', 'null', '[]', JSON.stringify(absurd), '{"__proto__":{"type":"result"}}'];
export default () => {
  const fd = openSync(join(ownFolder(), 'mailbox'), 'r+');
  const bytes = Buffer.alloc(2048);
  for (let version = 1; ; version = (version + 1) % 2 ** 32) {
    const text = texts[version % texts.length];
    bytes.fill(version % 7 === 0 ? 0xff : 0);
    bytes.writeUInt32LE(version, 0);
    bytes.writeUInt32LE(version % 5 === 0 ? 0xffffffff : text.length, 4);
    bytes.write(text, 8);
    bytes.writeUInt32LE(version, 2044);
    writeSync(fd, bytes, 0, bytes.length, 0);
  }
};
