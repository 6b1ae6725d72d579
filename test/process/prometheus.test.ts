import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluation, processExecutor, Trainer } from '../../src/index.ts';
import { prometheusMetrics, serveMetrics } from '../../src/observability/prometheus.ts';
import { evaluator } from './evaluators/index.ts';
import { runHost } from './hosts/run-host.ts';
import { missing } from './needs.ts';

const monitoring = fileURLToPath(new URL('../../docs/monitoring/', import.meta.url));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-prometheus-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real Prometheus that asks `target` five times a second. @returns asks it in turn, by its query language. */
async function prometheusOf(target: string): Promise<(query: string) => Promise<readonly string[]>> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const config = `
global: { scrape_interval: 200ms, scrape_timeout: 200ms }
rule_files: ['${monitoring}pitwall.rules.yml']
scrape_configs: [{ job_name: training, static_configs: [{ targets: ['${target}'] }] }]
`;
  await writeFile(join(folder, 'prometheus.yml'), config);
  const server = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await ended;
  });
  return async (query) => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok !== true) return [];
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.map(({ value }) => value[1]);
  };
}

/** A training of so many epochs, with an evaluation of each in a process of its own. */
function training(registry: Registry, epochs: number, textfile?: string): Trainer<{ loss: number }> {
  const trainer = new Trainer<{ loss: number }>({ name: 'scraped', epochs, journal: false });
  trainer.register(prometheusMetrics({ registry, ...(textfile !== undefined && { textfile }) }));
  trainer.register(
    evaluation({ name: 'good', every: 1, overlap: 'queue', executor: processExecutor(evaluator('good')), atEnd: true }),
  );
  return trainer;
}

describe.skipIf(missing('promtool', 'prometheus'))('Prometheus', () => {
  it('finds nothing to object to in the metrics of a real run', async () => {
    const registry = new Registry();
    const textfile = join(await temporaryFolder(), 'run.prom');
    await training(registry, 2, textfile).fit(async (epoch) => {
      for (let step = 0; step < 10; step++) await epoch.step(() => Promise.resolve());
      return { loss: 1 / epoch.epoch };
    });

    const text = await readFile(textfile, 'utf8');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });

    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
    expect(text).toContain('pitwall_evaluations_total{training="scraped",evaluation="good",status="completed"} 2\n');
  });

  it('scrapes a run while it trains, and sees it end', async () => {
    const registry = new Registry();
    const { port, close } = await serveMetrics({ port: 0, registry });
    onTestFinished(close);
    const ask = await prometheusOf(`127.0.0.1:${port}`);
    const seen = async (query: string, value: string): Promise<boolean> => (await ask(query)).includes(value);
    const trainer = training(registry, 1_000);

    // Each epoch waits to be seen: the training ends when Prometheus has seen its third one, and an evaluation that completed.
    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(() => new Promise((resolve) => setTimeout(resolve, 50)));
      const epochsSeen = Number((await ask('pitwall_training_epochs_total{training="scraped"}'))[0] ?? 0);
      const completed = Number((await ask('pitwall_evaluations_total{evaluation="good",status="completed"}'))[0] ?? 0);
      const isRunning = await seen('pitwall_training_running', '1');
      if (isRunning && epochsSeen >= 3 && completed >= 1) trainer.stop('seen');
      return { loss: 1 };
    });
    while (!(await seen('pitwall_training_running', '0'))) await new Promise((resolve) => setTimeout(resolve, 50));

    expect(outcome).toMatchObject({ status: 'stopped', reason: 'seen' });
    const total = await ask('sum(pitwall_evaluations_total) - sum(pitwall_evaluations_requested_total)');
    expect(total).toEqual(['0']);
  });

  it('takes the alert rules, which fire when they should', () => {
    const check = spawnSync('promtool', ['check', 'rules', 'pitwall.rules.yml'], { cwd: monitoring, encoding: 'utf8' });
    const test = spawnSync('promtool', ['test', 'rules', 'pitwall.rules.test.yml'], {
      cwd: monitoring,
      encoding: 'utf8',
    });

    expect(check.stdout + check.stderr).toContain('SUCCESS');
    expect(test.stdout + test.stderr).toContain('SUCCESS');
    expect([check.status, test.status]).toEqual([0, 0]);
  });
});

describe('a server of metrics', () => {
  it('lets its program end, though somebody is connected and asks again and again', async () => {
    const host = runHost('served');
    const { port } = await host.next('port');
    const silent = connect(Number(port), '127.0.0.1');
    onTestFinished(() => {
      silent.destroy();
    });
    silent.on('error', () => undefined); // the program has ended
    await once(silent, 'connect');
    await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();

    host.child.stdin?.end();

    expect(await host.exited).toEqual([0, null]);
  });
});
