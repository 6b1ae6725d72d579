import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAlive, onPath } from '../../src/probes/index.ts';
import { told } from './execute.ts';
import { inOwnMounts } from './hosts/namespaces.ts';
import { ObedientHost } from './hosts/obedient-host.ts';
import { runHost, type Host, type Surroundings } from './hosts/run-host.ts';
import { missing, missingMounts } from './needs.ts';

const limits = {
  gpuUtilizationPercent: { limit: 50, action: 'throttle', sustainMs: 0, whenUnmeasured: 'report' },
} as const;

let training: Host | undefined;
afterEach(() => {
  training?.child.kill('SIGKILL');
  ObedientHost.killAll();
});

/** What Linux lists as the files of the only card. */
const deviceIn = (folder: string): string => join(folder, 'class', 'drm', 'card0', 'device');

interface Machine {
  readonly card: Readonly<Record<string, string>>;
  /** A program that systeminformation starts. */
  readonly lspci?: string;
  /** What systeminformation would tell, as JavaScript; without it, it is itself. */
  readonly graphics?: string;
}

/** Where a host runs that is on a machine with one card, and without NVIDIA's driver. */
function on({ card, lspci = 'exit 1', graphics }: Machine): (folder: string) => Surroundings {
  return (folder) => {
    mkdirSync(deviceIn(folder), { recursive: true });
    for (const [name, text] of Object.entries(card)) writeFileSync(join(deviceIn(folder), name), text);
    writeFileSync(join(folder, 'lspci'), `#!/bin/sh\necho $$ >>"${join(folder, 'asked')}"\n${lspci}\n`);
    chmodSync(join(folder, 'lspci'), 0o755);
    return {
      through: inOwnMounts(`mount --bind ${join(folder, 'class')} /sys/class`),
      env: {
        PATH: [folder, process.env.PATH].join(delimiter),
        ...(graphics !== undefined && {
          NODE_OPTIONS: `--import ${everywhere} --import ${inItsPlace(folder, graphics)}`,
        }),
      },
    };
  };
}

const everywhere = new URL('./hosts/preloads-everywhere.mjs', import.meta.url).href;

/** A module that puts another one in the place of systeminformation. */
function inItsPlace(folder: string, graphics: string): string {
  const [fake, loader] = [join(folder, 'fake.mjs'), join(folder, 'loader.mjs')];
  writeFileSync(fake, `export const graphics = async () => (${graphics});`);
  const hook = `export const resolve = (name, context, next) => name === 'systeminformation'
    ? { url: ${JSON.stringify(pathToFileURL(fake).href)}, shortCircuit: true } : next(name, context);`;
  const url = `data:text/javascript,${encodeURIComponent(hook)}`;
  writeFileSync(loader, `import { register } from 'node:module'; register(${JSON.stringify(url)});`);
  return loader;
}

describe.skipIf(missing('setpriv') || missingMounts() || onPath('nvidia-smi'))('a GPU of another maker', () => {
  it('of AMD is read from its driver’s files: of the whole device, so that its rule only warns', async () => {
    const host = await ObedientHost.start(on({ card: { gpu_busy_percent: '95\n', mem_info_vram_used: '1048576\n' } }));
    host.run('one', { input: { does: 'spin' }, limits });

    expect(await host.throttled('one')).toMatchObject({
      ...{ rule: 'gpuUtilizationPercent', limit: 50, observed: 95, action: 'warn' },
      message: expect.stringContaining("how much of that is the evaluation's is not known here") as string,
    });
    host.tell({ do: 'abort', id: 'one' });
    const { told: telemetry } = await host.ended('one');
    expect(told(telemetry, 'usage')[0]?.usage.pausedMs).toBe(0);
    expect(told(telemetry, 'unmeasured')).toMatchObject([
      { rule: 'gpuUtilizationPercent', why: 'what the driver tells is not of the evaluation’s own processes' },
    ]);
    expect(existsSync(join(host.folder, 'asked'))).toBe(false); // nobody else was asked
    await host.ends();
  });

  it('is known by systeminformation, where that has figures', async () => {
    const graphics = `{ controllers: [{ vendor: 'Intel', model: 'Arc' }, { vendor: 'AMD', utilizationGpu: 91 }] }`;
    const host = await ObedientHost.start(on({ card: {}, graphics }));
    host.run('one', { input: { does: 'spin' }, limits });

    expect(await host.throttled('one')).toMatchObject({ rule: 'gpuUtilizationPercent', observed: 91, action: 'warn' });
    host.tell({ do: 'abort', id: 'one' });
    await host.ended('one');
    await host.ends();
  });

  it('whose programs hang holds up nothing, and they are ended', async () => {
    const host = await ObedientHost.start(on({ card: {}, lspci: 'exec sleep 100' }));
    host.run('one', { input: { does: 'spin' }, limits });
    await host.started('one');

    const asked = await vi.waitFor(
      () => {
        const [pid = ''] = readFileSync(join(host.folder, 'asked'), 'utf8').split('\n');
        expect(pid).not.toBe('');
        return Number(pid);
      },
      { timeout: 60_000 },
    );
    expect(isAlive(asked)).toBe(true);
    host.run('two', { input: { does: 'eat' }, limits: { memoryMb: 200 } });
    expect(await host.ended('two')).toMatchObject({ violation: { rule: 'memoryMb' } });
    await vi.waitFor(
      () => {
        expect(isAlive(asked)).toBe(false);
      },
      { timeout: 60_000 },
    );
    host.tell({ do: 'abort', id: 'one' });
    expect(await host.ended('one')).toMatchObject({ kind: 'cancelled' });
    await host.ends();
  });

  it('that nobody knows anything of is unmeasured in the run, and breaks nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    const told = join(folder, 'told');
    writeFileSync(told, '');
    const intel = '00:02.0 VGA compatible controller: Intel Corporation UHD Graphics 630 (rev 02)';
    const again = join(folder, 'again');
    // Asked for the second time it has been heard out once: what is shorter could have been measured, for all that is known.
    const lspci = `[ "$(wc -l <"${join(folder, 'asked')}")" -ge 2 ] && : >"${again}"\necho '${intel}'`;
    const { through, env } = on({ card: {}, lspci })(folder);
    const plan = { journal: join(folder, 'journal'), epochs: 1 };
    const inputs = [{ does: 'wait for a file', path: again }];
    const host = runHost('training', [JSON.stringify({ ...plan, inputs })], {
      through: through ?? [],
      env: { ...env, PITWALL_TEST_TOLD: told },
    });
    training = host;

    const unmeasured = [await host.next('event', 'sla:unmeasured'), await host.next('event', 'sla:unmeasured')];
    expect(unmeasured.map(({ rule }) => rule).sort()).toEqual(['gpuUtilizationPercent', 'itemTimeMs']);
    const why = unmeasured.find(({ rule }) => rule === 'gpuUtilizationPercent')?.why;
    expect(why).toContain('systeminformation names Intel Corporation');
    expect(await host.next('event', 'evaluation:end')).toMatchObject({ status: 'completed' });
    host.child.stdin?.end();
    expect(await host.exited).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  });
});
