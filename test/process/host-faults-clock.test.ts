import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ObedientHost } from './hosts/obedient-host.ts';
import { missing } from './needs.ts';
import { told } from './execute.ts';

const hourMs = 3_600_000;
let host: ObedientHost;
afterEach(ObedientHost.killAll);

describe.skipIf(missing()).each([
  ['back', -hourMs],
  ['forward', hourMs],
])('the wall clock set %s an hour during an evaluation', (_, byMs) => {
  it('changes no verdict and no duration', async () => {
    host = await ObedientHost.start((folder) => ({
      env: {
        NODE_OPTIONS: ['preloads-everywhere', 'shifted-clock']
          .map((name) => `--import ${new URL(`./hosts/${name}.mjs`, import.meta.url).href}`)
          .join(' '),
        PITWALL_TEST_CLOCK: join(folder, 'clock'),
      },
    }));
    const go = join(host.folder, 'go');
    host.run('in time', { input: { does: 'wait for a file', path: go }, limits: { evaluationTimeMs: 60_000 } });
    await host.phase('working');
    host.run('too long', { input: { does: 'spin' }, limits: { evaluationTimeMs: 1500 } });
    await host.phase('working', 2);

    writeFileSync(join(host.folder, 'clock.new'), String(byMs));
    renameSync(join(host.folder, 'clock.new'), join(host.folder, 'clock'));
    const setAt = Date.now();

    const broken = await host.ended('too long');
    host.makeFile('go');
    const inTime = await host.ended('in time');
    const goneAfterMs = Date.now() - setAt;

    expect(broken).toMatchObject({ kind: 'violation', alive: [] });
    const { violation } = broken;
    const { observed = 0, deadlineAt = 0, killedAt = 0, goneAt = 0, observedAt = 0, lateByHostMs } = violation ?? {};
    expect(violation).toMatchObject({ rule: 'evaluationTimeMs', limit: 1500, unit: 'ms' });
    expect(observed).toBeGreaterThanOrEqual(1500);
    expect(observed).toBeLessThan(1500 + goneAfterMs);
    // By the clock as it was set, and in order.
    expect(killedAt - byMs).toBeGreaterThan(setAt - 100);
    expect(killedAt - byMs).toBeLessThan(setAt + goneAfterMs);
    expect(observedAt).toBe(killedAt);
    expect(killedAt - deadlineAt).toBeCloseTo(observed - 1500, 3);
    expect(goneAt).toBeGreaterThanOrEqual(killedAt);
    expect(goneAt - killedAt).toBeLessThan(goneAfterMs);
    expect(lateByHostMs).toBeGreaterThanOrEqual(0);
    expect(lateByHostMs).toBeLessThan(goneAfterMs);
    expect(inTime).toMatchObject({ result: { waited: true } });
    for (const { told: telemetry } of [broken, inTime]) {
      const { wallMs = -1, goneMs = -1, startMs = -1, queuedMs = -1 } = told(telemetry, 'usage')[0]?.usage ?? {};
      expect(wallMs).toBeGreaterThan(0);
      for (const durationMs of [wallMs, goneMs, startMs, queuedMs]) {
        expect(durationMs).toBeGreaterThanOrEqual(0);
        expect(durationMs).toBeLessThan(60_000);
      }
    }
    await host.ends();
  });
});
