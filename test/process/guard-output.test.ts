import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { started, userEnv } from '../dist/programs.ts';
import { recordOf } from '../replay/records.ts';
import { missing } from './needs.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));
const drills = fileURLToPath(siblingEntry('./drills/silent', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-output-'));
  await recordOf({
    script: () => [
      { atMs: 0, sample: 300 },
      { atMs: 100, result: 1 },
    ],
    journal: join(folder, '.pitwall'),
    runId: 'night-1',
  });
  await writeFile(join(folder, 'tight.json'), JSON.stringify({ memoryMb: 200 }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A pipe whose reader has gone before anything is written. */
function closedPipe(): number {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const both = openSync(path, 'r+'); // an end by itself waits for the other
  const writer = openSync(path, 'w');
  closeSync(both);
  rmSync(path);
  return writer;
}

/** Runs a command with a file for its stdout, and for its stderr where there is another. */
async function ranInto(output: number, args: readonly string[], errors: number | 'pipe' = 'pipe') {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: userEnv(),
    stdio: ['ignore', output, errors],
  });
  closeSync(output);
  const code = once(child, 'close').then(([code]) => code as number | null);
  return { stderr: child.stderr === null ? '' : await text(child.stderr), code: await code };
}

const commands: readonly (readonly [verdict: number, args: readonly string[]])[] = [
  [0, ['runs']],
  [0, ['runs', '--json']],
  [0, ['report', 'night-1']],
  [0, ['report', 'night-1', '--json']],
  [0, ['report', 'night-1', '--md']],
  [1, ['replay', 'night-1', '--sla', 'tight.json']],
  [1, ['drill', drills, '--seconds', '0.3', '--evaluation', 'forgiving']],
  [0, ['--help']],
  [0, ['--version']],
  [0, ['doctor', '--help']],
  [0, ['drill', '--help']],
];

describe('an output that cannot be written', () => {
  it.each(commands)('a full disk is told in one sentence, and ends with 2 in place of %i: %j', async (_, args) => {
    const { code, stderr } = await ranInto(openSync('/dev/full', 'w'), args);

    expect(stderr).toMatch(/^pitwall: stdout could not be written: ENOSPC: no space left on device, write\. .*\n$/);
    expect(code).toBe(2);
  });

  it.skipIf(missing('mkfifo')).each(commands)(
    'a pipe whose reader has gone leaves the exit code %i, and nothing is told: %j',
    async (verdict, args) => {
      const { code, stderr } = await ranInto(closedPipe(), args);

      expect({ code, stderr }).toEqual({ code: verdict, stderr: '' });
    },
  );

  it('a mistake stays a mistake where neither can be written', async () => {
    const full = openSync('/dev/full', 'w');

    const { code } = await ranInto(openSync('/dev/full', 'w'), ['nonsense'], full);

    closeSync(full);
    expect(code).toBe(2);
  });

  it.skipIf(missing('setpriv', 'timeout', 'prlimit')).each([
    ['doctor', ['doctor'], /What is tried/],
    ['demo', ['demo', '--epochs', '1', '--no-rogue'], /pitwall demo:/],
  ])('%s comes to its end where its reader goes after the first line', async (_, args, firstLine) => {
    const { child, printed, ended } = started(process.execPath, [main, ...args], folder);
    await printed(firstLine);

    child.stdout!.destroy();

    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
