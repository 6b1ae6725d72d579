// Runs every example as a reader would, from source: each ends by itself with exit code 0, and with the last line that
// examples/README.md promises. One with a package.json of its own stands alone: the tests of the packed package install and run it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../examples', import.meta.url));
const table = readFileSync(join(folder, 'README.md'), 'utf8');
const examples = readdirSync(folder).filter(
  (name) => existsSync(join(folder, name, 'main.ts')) && !existsSync(join(folder, name, 'package.json')),
);
for (const name of examples) {
  console.log(`\n> examples/${name}`);
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '-C', 'pitwall:source', join(folder, name, 'main.ts')],
    {
      // Each leaves its journal in a folder of its own, outside the tree.
      cwd: mkdtempSync(join(tmpdir(), 'pitwall-example-')),
      encoding: 'utf8',
      stdio: ['inherit', 'pipe', 'inherit'],
      timeout: 120_000,
    },
  );
  console.log(stdout.trimEnd());
  if (status !== 0) fails(`examples/${name} ended with ${status ?? 'a signal or its time limit'}`);
  const last = stdout.trimEnd().split('\n').at(-1);
  if (last !== promisedOf(name))
    fails(
      `examples/${name} was to end with the line of examples/README.md, "${promisedOf(name)}", but ended with "${last}"`,
    );
}
if (examples.length === 0) fails('there are no examples');

/** The last line that the table gives an example: its third column, between backticks. */
function promisedOf(name) {
  const row = table.split('\n').find((line) => line.startsWith(`| [${name}](${name})`));
  return /`([^`]*)`/.exec(row?.split('|')[3] ?? '')?.[1];
}

function fails(why) {
  console.error(why);
  process.exitCode = 1;
}
