// Changes to a directory that it then deletes, and empties its environment.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export default () => {
  const directory = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  process.chdir(directory);
  rmdirSync(directory);
  for (const name of Object.keys(process.env)) delete process.env[name];
  return { lost: true };
};
