// Puts something else where its result belongs, and says that it has answered.
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.mjs';
export default ({ how }) => {
  const path = join(ownFolder(), 'result');
  if (how === 'rubbish') writeFileSync(path, Buffer.alloc(1000, 0xff));
  if (how === 'endless') symlinkSync('/dev/zero', path);
  if (how === 'fifo') execFileSync('mkfifo', [path]);
  if (how === 'sparse') {
    writeFileSync(path, '');
    truncateSync(path, 600 * 2 ** 20);
  }
  writeSync(3, '\n{"type":"result"}\n');
  return new Promise(() => undefined);
};
