// Blocks its thread in a read that no timer, signal handler or terminate() ends.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default () => {
  const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'fifo');
  execFileSync('mkfifo', [path]);
  readFileSync(path);
};
