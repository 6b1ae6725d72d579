// Runs every example as a reader would, from source: each ends by itself with exit code 0.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const examples = readdirSync(join(root, 'examples')).filter((name) =>
  existsSync(join(root, 'examples', name, 'main.ts')),
);
for (const name of examples) {
  console.log(`\n> examples/${name}`);
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '-C', 'pitwall:source', join(root, 'examples', name, 'main.ts')],
    // Each leaves its journal in a folder of its own, outside the tree.
    {
      cwd: root,
      stdio: 'inherit',
      timeout: 120_000,
      env: { ...process.env, PITWALL_EXAMPLE_JOURNAL: mkdtempSync(join(tmpdir(), 'pitwall-example-')) },
    },
  );
  if (status !== 0) {
    console.error(`examples/${name} ended with ${status ?? 'a signal or its time limit'}`);
    process.exitCode = 1;
  }
}
if (examples.length === 0) process.exitCode = 1;
