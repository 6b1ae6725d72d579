// Tells a partial result, then puts something else in its place.
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.mjs';
export default ({ how }, { partial }) => {
  partial({ begun: true });
  const path = join(ownFolder(), 'partial');
  if (how === 'sparse') truncateSync(path, 600 * 2 ** 20);
  else rmSync(path);
  if (how === 'endless') symlinkSync('/dev/zero', path);
  if (how === 'fifo') execFileSync('mkfifo', [path]);
  return new Promise(() => undefined);
};
