import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ObedientHost } from './hosts/obedient-host.ts';
import { missing } from './needs.ts';

afterEach(ObedientHost.killAll);

describe.skipIf(missing())('what NODE_OPTIONS preload', () => {
  it('runs in the training and in its evaluators, and not in the supervisor', async () => {
    const host = await ObedientHost.start((folder) => ({
      env: {
        NODE_OPTIONS: `--import ${new URL('./hosts/preloaded.mjs', import.meta.url).href}`,
        PITWALL_TEST_PRELOADED: join(folder, 'preloaded'),
      },
    }));

    host.run('one', { input: { does: 'spin' }, limits: { evaluationTimeMs: 100 } });
    await host.ended('one');

    const programs = readFileSync(join(host.folder, 'preloaded'), 'utf8').trim().split('\n');
    expect(programs).toContainEqual(expect.stringMatching(/evaluator\/entry\.js$/));
    expect(programs.filter((program) => program.includes('supervisor'))).toEqual([]);
  });
});
