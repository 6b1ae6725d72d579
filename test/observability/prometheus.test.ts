import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { evaluation } from '../../src/index.ts';
import { PrometheusFile } from '../../src/observability/prometheus-file.ts';
import { prometheusMetrics, serveMetrics } from '../../src/observability/prometheus.ts';
import { fakeExecutor, fakeTrainer, VirtualClock, type FakeScript } from '../../src/testing/index.ts';
import { runEvent, type RunEventSketch } from '../../src/testing/run-event.ts';
import { unexpected } from '../operators/marbles.ts';
import { unmeasuredUsage } from '../unmeasured-usage.ts';
import { FakeRun } from './run.ts';

const hanging = new Promise<void>(() => undefined);

/** The samples of a registry by name and labels, without the types and helps. */
async function samplesOf(registry: Registry): Promise<Record<string, string>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')).replace('training="fake",', ''),
      line.slice(line.lastIndexOf(' ') + 1),
    ]),
  );
}

/** A training of as many epochs of 10 s as there are scripts, with the evaluation `games` of each. */
function trainingOf(
  scripts: readonly FakeScript[],
  options: { readonly textfile?: string; readonly name?: string } = {},
) {
  const registry = new Registry();
  const { name = 'games', ...metrics } = options;
  const training = fakeTrainer(
    scripts.map((_, index) => ({ steps: 10, stepMs: 1_000, metrics: { loss: 1 / (index + 1) } })),
  );
  const executor = fakeExecutor<number>(({ input }) => scripts[input - 1] ?? [], { clock: training.clock });
  const sla = { evaluationTimeMs: 5_000, memoryMb: { limit: 100, action: 'warn' as const } };
  training.register(prometheusMetrics({ registry, ...metrics }));
  training.register(
    evaluation({ name, every: 1, executor, input: ({ epoch }) => epoch, sla, breaker: { minimumNumberOfCalls: 3 } }),
  );
  return { registry, ...training };
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-prometheus-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('prometheusMetrics', () => {
  it('counts how evaluations end, and tells the training, its metrics and results', async () => {
    const { registry, run } = trainingOf([
      [{ atMs: 1_000, result: { winRate: 0.6, note: 'well' } }],
      [{ atMs: 100, crash: 'boom' }],
      [], // hangs: 1 of 3 has succeeded, and the breaker opens
      [],
    ]);

    const { outcome } = await run();
    const samples = await samplesOf(registry);

    expect(outcome.evaluations).toMatchObject({ completed: 1, failed: 1, violated: 1, skipped: 1 });
    expect(samples).toMatchObject({
      'pitwall_training_epochs_total{training="fake"}': '4',
      'pitwall_training_steps_total{training="fake"}': '40',
      'pitwall_training_running{training="fake"}': '0',
      'pitwall_training_metric{metric="loss"}': '0.25',
      'pitwall_evaluations_requested_total{evaluation="games"}': '4',
      'pitwall_evaluations_total{evaluation="games",status="completed"}': '1',
      'pitwall_evaluations_total{evaluation="games",status="failed"}': '1',
      'pitwall_evaluations_total{evaluation="games",status="violated"}': '1',
      'pitwall_evaluations_total{evaluation="games",status="skipped"}': '1',
      'pitwall_evaluations_total{evaluation="games",status="cancelled"}': '0',
      'pitwall_evaluations_skipped_total{evaluation="games",reason="breaker-open"}': '1',
      'pitwall_evaluations_running{evaluation="games"}': '0',
      'pitwall_evaluation_result{evaluation="games",field="winRate"}': '0.6',
      'pitwall_evaluation_result_epoch{evaluation="games"}': '1',
      'pitwall_sla_violations_total{evaluation="games",rule="evaluationTimeMs",action="abort"}': '1',
      'pitwall_breaker_state{breaker="games",state="open"}': '1',
      'pitwall_breaker_state{breaker="games",state="closed"}': '0',
      'pitwall_breaker_transitions_total{breaker="games",to="open"}': '1',
      'pitwall_evaluation_duration_seconds_bucket{le="1",evaluation="games",status="completed"}': '1',
      'pitwall_evaluation_duration_seconds_sum{evaluation="games",status="violated"}': '5',
      'pitwall_evaluation_duration_seconds_bucket{le="0.5",evaluation="games",status="completed"}': '0',
    });
    expect(Object.keys(samples).some((name) => name.includes('field="note"'))).toBe(false);
  });

  it('tells what the last evaluation of which that was known has cost the training', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const ends = (evaluationId: string, cost: { readonly trainingImpactPercent?: number }): void => {
      const subject = { evaluationId, name: 'games', epoch: 1, step: 1 };
      const usage = {
        wallMs: 1,
        cpuMs: null,
        cpuShare: null,
        peakMemoryMb: null,
        startMs: 0,
        pausedMs: 0,
        queuedMs: 0,
      };
      run.emit({ type: 'evaluation:requested', ...subject });
      run.emit({
        type: 'evaluation:end',
        ...subject,
        status: 'completed',
        result: 1,
        items: { done: 0 },
        usage: { ...usage, goneMs: 0, ...cost },
      });
    };
    const impact = 'pitwall_evaluation_training_impact_ratio{training="minishogi",evaluation="games"}';

    ends('a', {});
    expect(await samplesOf(registry)).not.toHaveProperty(impact);
    ends('b', { trainingImpactPercent: 2.5 });
    ends('c', {});
    expect(await samplesOf(registry)).toMatchObject({ [impact]: '0.025' });
  });

  it('tells no duration of what nobody could measure', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const subject = { evaluationId: 'a', name: 'games', epoch: 1, step: 1 };

    run.emit({ type: 'evaluation:requested', ...subject });
    run.emit({ type: 'evaluation:start', ...subject, queuedMs: 0 });
    run.emit({ type: 'evaluation:end', ...subject, status: 'cancelled', items: { done: 0 }, usage: unmeasuredUsage });

    const samples = await samplesOf(registry);
    expect(samples).toMatchObject({
      'pitwall_evaluations_total{training="minishogi",evaluation="games",status="cancelled"}': '1',
    });
    expect(Object.keys(samples).filter((name) => name.includes('duration_seconds'))).toEqual([]);
  });

  it('tells what runs while it runs; what is not known is absent, and a true 0 is 0', async () => {
    const { registry, run, clock, trainer } = trainingOf([
      [
        { atMs: 100, sample: { memoryMb: 200, cpuPercent: 0 } },
        { atMs: 4_000, result: 1 },
      ],
      [],
    ]);
    let samples: Record<string, string> = {};
    let before: Record<string, string> = {};
    trainer.events$.subscribe(({ type }) => {
      if (type === 'evaluation:start' && Object.keys(before).length === 0) {
        before = { pending: '' };
        void samplesOf(registry).then((found) => (before = found));
        clock.setTimeout(() => void samplesOf(registry).then((found) => (samples = found)), 2_000);
      }
    });
    await run();

    expect(before).toMatchObject({ 'pitwall_evaluations_running{evaluation="games"}': '1' });
    expect(before).not.toHaveProperty('pitwall_evaluation_memory_bytes{evaluation="games"}');
    expect(samples).toMatchObject({
      'pitwall_training_running{training="fake"}': '1',
      'pitwall_evaluation_memory_bytes{evaluation="games"}': String(200 * 2 ** 20),
      'pitwall_evaluation_cpu_ratio{evaluation="games"}': '0',
      'pitwall_sla_violations_total{evaluation="games",rule="memoryMb",action="warn"}': '1',
    });
    expect(samples).not.toHaveProperty('pitwall_evaluation_gpu_utilization_ratio{evaluation="games"}');
    expect(await samplesOf(registry)).not.toHaveProperty('pitwall_evaluation_memory_bytes{evaluation="games"}');
  });

  it('shares a registry: two trainings are told apart, and one that comes again counts on', async () => {
    const registry = new Registry();
    const once = async (name: string, epochs: number) => {
      const training = fakeTrainer(epochs, { name });
      training.register(prometheusMetrics({ registry }));
      await training.run();
    };
    await once('a', 2);
    await once('b', 1);
    await once('a', 3);

    const samples = await samplesOf(registry);

    expect(samples['pitwall_training_epochs_total{training="a"}']).toBe('5');
    expect(samples['pitwall_training_epochs_total{training="b"}']).toBe('1');
    expect(Object.keys(samples).filter((name) => name.startsWith('pitwall_training_info'))).toHaveLength(2);
  });

  it('keeps labels few: from the hundredth name on they are told together', async () => {
    const registry = new Registry();
    const metrics = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`loss of "head"\n ${index}`, index]));
    const training = fakeTrainer([{ metrics }]);
    training.register(prometheusMetrics({ registry }));
    await training.run();

    const told = Object.keys(await samplesOf(registry)).filter((name) => name.startsWith('pitwall_training_metric'));

    expect(told).toHaveLength(101);
    expect(told[0]).toBe(String.raw`pitwall_training_metric{metric="loss of \"head\"\n 0"}`);
    expect(told.at(-1)).toContain('metric="other"');
  });

  it('keeps a file that is whole, and has all of the run when fit resolves', async () => {
    const folder = await temporaryFolder();
    const textfile = join(folder, 'training.prom');
    const { run } = trainingOf([[{ atMs: 10, result: 1 }]], { textfile });

    await run();

    const text = await readFile(textfile, 'utf8');
    expect(text).toContain('pitwall_training_running{training="fake"} 0\n');
    expect(text).toContain('status="completed"} 1\n');
    expect(await readdir(folder)).toEqual(['training.prom']);
  });

  // The end of the interrupted epoch took the metrics of the last whole one away.
  it('keeps the metrics of the last whole epoch where a stop interrupts the next one', async () => {
    const textfile = join(await temporaryFolder(), 'training.prom');
    const { registry, run, trainer } = trainingOf([[], []], { textfile });
    trainer.events$.subscribe((event) => {
      if (event.type === 'step' && event.step === 15) trainer.stop('enough');
    });

    const { outcome, events } = await run();

    const samples = await samplesOf(registry);
    expect(outcome.status).toBe('stopped');
    expect(events.findLast(({ type }) => type === 'epoch:end')).toMatchObject({ interrupted: true, metrics: {} });
    expect(samples).toMatchObject({
      'pitwall_training_metric{metric="loss"}': '1',
      'pitwall_training_epochs_total{training="fake"}': '1',
      'pitwall_training_steps_total{training="fake"}': '15',
    });
    expect(await readFile(textfile, 'utf8')).toContain('pitwall_training_metric{training="fake",metric="loss"} 1\n');
  });

  it('tells nothing of the metrics of an epoch that was refused its next step', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));

    run.tell({ type: 'epoch:end', epoch: 1, metrics: { loss: 0.5 } });
    run.tell({ type: 'epoch:end', epoch: 2, metrics: { loss: 9 }, interrupted: true });

    expect(await samplesOf(registry)).toMatchObject({
      'pitwall_training_metric{training="minishogi",metric="loss"}': '0.5',
      'pitwall_training_epochs_total{training="minishogi"}': '1',
    });
  });

  it('whose file cannot be written tells why, leaves no other behind, and writes again when it can', async () => {
    const folder = await temporaryFolder();
    const errors: unknown[] = [];
    const file = new PrometheusFile(join(folder, 'later', 'a.prom'), new Registry(), (error) => errors.push(error));

    await file.refresh();
    await mkdir(join(folder, 'later'));
    await Promise.all([file.refresh(), file.refresh()]);

    expect(errors).toMatchObject([{ code: 'ENOENT' }]);
    expect(await readdir(join(folder, 'later'))).toEqual(['a.prom']);
  });

  it('tells who was registered late that it runs, and of who has left nothing any more', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    const connection = run.connect(prometheusMetrics({ registry }));
    const running = 'pitwall_training_running{training="minishogi"}';
    const atWork = 'pitwall_evaluations_running{training="minishogi",evaluation="games"}';
    expect(await samplesOf(registry)).not.toHaveProperty(running);

    run.tell(
      { type: 'epoch:start', epoch: 3 },
      { type: 'evaluation:sample', evaluationId: 'a', name: 'games', memoryMb: 1 },
    );
    expect(await samplesOf(registry)).toMatchObject({ [running]: '1', [atWork]: '1' });

    connection.unsubscribe();
    expect(await samplesOf(registry)).not.toHaveProperty(running);
    expect(await samplesOf(registry)).not.toHaveProperty(atWork);
  });

  // From the first value that prom-client refuses on, nothing was told of the run any more.
  it('loses a value that cannot be counted, says so, and goes on', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const subject = { evaluationId: 'a', name: 'games', epoch: 1, step: 1 };

    run.emit({ type: 'dropped', what: 'frames', count: -1 });
    run.emit({ type: 'evaluation:start', ...subject, queuedMs: 'soon' as never });
    run.tell({ type: 'epoch:end', epoch: 1 }, { type: 'training:end' });

    expect(run.failed).toEqual([]);
    expect(await samplesOf(registry)).toMatchObject({
      'pitwall_training_running{training="minishogi"}': '1',
      'pitwall_training_epochs_total{training="minishogi"}': '1',
      'pitwall_evaluations_running{training="minishogi",evaluation="games"}': '1',
    });
    expect(run.published).toEqual([
      { type: 'dropped', what: 'metrics of Prometheus', count: 1 },
      { type: 'dropped', what: 'metrics of Prometheus', count: 1 },
    ]);
  });

  it('counts once where it is there twice in one registry, and the second goes on when the first has left', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    const connections = ['first', 'second'].map((name) => run.connect(prometheusMetrics({ registry, name })));
    const epochs = 'pitwall_training_epochs_total{training="minishogi"}';
    const running = 'pitwall_training_running{training="minishogi"}';
    const epoch = (number: number): void => {
      run.tell({ type: 'epoch:end', epoch: number, metrics: { loss: number } });
    };

    run.tell({ type: 'run:start' });
    epoch(1);
    expect(await samplesOf(registry)).toMatchObject({ [epochs]: '1', [running]: '1' });

    connections[0]?.unsubscribe();
    expect(await samplesOf(registry)).toMatchObject({ [epochs]: '1', [running]: '1' });
    epoch(2);
    expect(await samplesOf(registry)).toMatchObject({
      [epochs]: '2',
      'pitwall_training_metric{training="minishogi",metric="loss"}': '2',
    });

    connections[1]?.unsubscribe();
    expect(await samplesOf(registry)).not.toHaveProperty(running);
  });

  it('goes on with the other one where the second has left', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    const [, second] = ['first', 'second'].map((name) => run.connect(prometheusMetrics({ registry, name })));
    run.tell({ type: 'run:start' });

    second?.unsubscribe();
    second?.unsubscribe();
    run.tell({ type: 'epoch:end', epoch: 1 });

    expect(await samplesOf(registry)).toMatchObject({
      'pitwall_training_running{training="minishogi"}': '1',
      'pitwall_training_epochs_total{training="minishogi"}': '1',
    });
  });

  it('tells since when a result is awaited, and nothing where none is', async () => {
    const registry = new Registry();
    const run = new FakeRun({ clock: new VirtualClock({ wallMs: 0 }) });
    run.connect(prometheusMetrics({ registry }));
    const at = async (seconds: number, ...told: readonly RunEventSketch[]): Promise<string | undefined> => {
      await run.clock.advance(seconds * 1_000 - run.clock.wallNow());
      run.tell(...told);
      const samples = await samplesOf(registry);
      return samples['pitwall_evaluation_awaited_timestamp_seconds{training="minishogi",evaluation="games"}'];
    };
    const games = (evaluationId: string) => ({ evaluationId, name: 'games' });

    expect(await at(1, { type: 'run:start', config: { callbacks: { games: { overlap: 'queue' } } } })).toBeUndefined();
    expect(await at(2, { type: 'evaluation:requested', ...games('a') })).toBe('2');
    expect(await at(3, { type: 'evaluation:start', ...games('a') })).toBe('2');
    expect(await at(4, { type: 'evaluation:requested', ...games('b') })).toBe('2');
    expect(await at(5, { type: 'evaluation:end', ...games('a'), status: 'failed' })).toBe('2');
    expect(await at(6, { type: 'evaluation:requested', ...games('c') })).toBe('2');
    expect(await at(7, { type: 'evaluation:end', ...games('b'), status: 'completed' })).toBe('7');
    expect(await at(8, { type: 'evaluation:end', ...games('c'), status: 'completed' })).toBeUndefined();
    expect(await at(9, { type: 'evaluation:skipped', ...games('d'), reason: 'busy' })).toBeUndefined();
    // Registered late, it hears of one that is at work already.
    expect(await at(10, { type: 'evaluation:sample', ...games('e'), memoryMb: 1 })).toBe('10');
    expect(await at(11, { type: 'evaluation:end', ...games('e'), status: 'violated' })).toBe('10');
    expect(await at(12, { type: 'run:end' })).toBeUndefined();
  });

  it('tells no sum of what is not known of all that are at work', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const known = { memoryMb: 1, cpuPercent: 50, gpuUtilizationPercent: 10, gpuMemoryMb: 1 };

    run.tell(
      { type: 'evaluation:sample', evaluationId: 'a', name: 'games', ...known },
      { type: 'evaluation:sample', evaluationId: 'b', name: 'games', ...known, memoryMb: null, gpuMemoryMb: null },
    );

    const games = '{training="minishogi",evaluation="games"}';
    const samples = await samplesOf(registry);
    expect(samples).toMatchObject({
      [`pitwall_evaluations_running${games}`]: '2',
      [`pitwall_evaluation_cpu_ratio${games}`]: '1',
      [`pitwall_evaluation_gpu_utilization_ratio${games}`]: '0.2',
    });
    expect(samples).not.toHaveProperty(`pitwall_evaluation_memory_bytes${games}`);
    expect(samples).not.toHaveProperty(`pitwall_evaluation_gpu_memory_bytes${games}`);
  });

  it('adds up what runs of the evaluations that are told together', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));

    for (let index = 1; index <= 105; index++)
      run.tell({ type: 'evaluation:requested', evaluationId: `${index}`, name: `games ${index}` });
    for (const id of ['102', '103'])
      run.tell({ type: 'evaluation:start', evaluationId: id, name: `games ${id}`, queuedMs: 0 });

    expect(await samplesOf(registry)).toMatchObject({
      'pitwall_evaluations_running{training="minishogi",evaluation="other"}': '2',
      'pitwall_evaluations_requested_total{training="minishogi",evaluation="other"}': '5',
    });
  });

  it('knows which evaluation is warned of, also where it was registered after the request, by its start or a sample', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const violation = {
      evaluationId: 'a',
      rule: 'memoryMb',
      action: 'warn' as const,
      limit: 1,
      observed: 2,
      unit: 'MB',
      observedAt: 0,
      lateByHostMs: 0,
      pausedMs: 0,
    };

    run.tell(
      { type: 'evaluation:sample', evaluationId: 'a', name: 'games', memoryMb: 1 },
      { type: 'sla:violation', violation },
      { type: 'evaluation:start', evaluationId: 'b', name: 'exams', queuedMs: 0 },
      { type: 'sla:violation', violation: { ...violation, evaluationId: 'b' } },
    );

    const of = (name: string) =>
      `pitwall_sla_violations_total{training="minishogi",evaluation="${name}",rule="memoryMb",action="warn"}`;
    expect(await samplesOf(registry)).toMatchObject({ [of('games')]: '1', [of('exams')]: '1' });
  });

  it('tells when the training got on last, from its beginning to its end', async () => {
    const registry = new Registry();
    const run = new FakeRun({ clock: new VirtualClock({ wallMs: 5_000 }) });
    run.connect(prometheusMetrics({ registry }));
    const progress = async () =>
      (await samplesOf(registry))['pitwall_training_progress_timestamp_seconds{training="minishogi"}'];

    run.tell({ type: 'run:start' });
    expect(await progress()).toBe('5');
    await run.clock.advance(2_000);
    run.tell({ type: 'step:summary' });
    expect(await progress()).toBe('7');
    // What it waits for now are its evaluations.
    run.tell({ type: 'training:end' });
    expect(await progress()).toBeUndefined();
    expect(await samplesOf(registry)).toMatchObject({ 'pitwall_training_running{training="minishogi"}': '1' });
  });

  it('tells the breakers of a run that was resumed as they were left', async () => {
    const registry = new Registry();
    const opened = runEvent({ type: 'breaker:transition', name: 'games', from: 'closed', to: 'open', reason: 'rate' });
    const run = new FakeRun({ history: [opened] });
    run.connect(prometheusMetrics({ registry }));

    run.tell({ type: 'run:resume', config: { callbacks: { games: { overlap: 'latest', breaker: {} } } } });
    const state = async (name: string) =>
      (await samplesOf(registry))[`pitwall_breaker_state{training="minishogi",breaker="games",state="${name}"}`];

    expect([await state('open'), await state('closed')]).toEqual(['1', '0']);
  });

  it('counts from 0 on what may be told of callbacks, rules and breakers, so that the first is one more', async () => {
    const { registry, run } = trainingOf([[{ atMs: 10, result: 1 }]]);

    await run();

    expect(await samplesOf(registry)).toMatchObject({
      'pitwall_callback_errors_total{callback="prometheus"}': '0',
      'pitwall_callback_slow_total{callback="games"}': '0',
      'pitwall_sla_violations_total{evaluation="games",rule="memoryMb",action="warn"}': '0',
      'pitwall_sla_unmeasured_total{rule="memoryMb"}': expect.any(String) as string,
      'pitwall_sla_unenforceable_total{rule="memoryMb"}': expect.any(String) as string,
      'pitwall_evaluations_skipped_total{evaluation="games",reason="breaker-open"}': '0',
      'pitwall_breaker_transitions_total{breaker="games",to="open"}': '0',
    });
  });

  it('tells nothing of a result that is a list, or that throws when it is read', async () => {
    const registry = new Registry();
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    const bad = {
      get bad(): never {
        throw new Error('lazy');
      },
    };

    for (const result of [[1, 2, 3], bad]) {
      run.tell({ type: 'evaluation:end', name: 'games', status: 'completed', result });
      expect(Object.keys(await samplesOf(registry)).filter((name) => name.includes('field='))).toEqual([]);
    }
    expect(run.failed).toEqual([]);
  });

  it('keeps few the trainings of a registry too', async () => {
    const registry = new Registry();
    for (let index = 0; index < 120; index++) {
      const run = new FakeRun({ runName: `trial-${index}` });
      run.connect(prometheusMetrics({ registry }));
      run.tell({ type: 'run:start' });
    }

    const told = Object.keys(await samplesOf(registry)).filter((name) => name.startsWith('pitwall_training_running'));

    expect(told).toHaveLength(101);
    expect(told.at(-1)).toContain('training="other"');
  });

  it('is there again in a registry that was cleared, and says whose metric is in its way', async () => {
    const registry = new Registry();
    prometheusMetrics({ registry });
    registry.removeSingleMetric('pitwall_training_info');
    const run = new FakeRun();
    run.connect(prometheusMetrics({ registry }));
    run.tell({ type: 'run:start' });
    expect(await samplesOf(registry)).toHaveProperty('pitwall_training_info{training="minishogi",run_id="run-1"}');

    registry.clear();
    new Gauge({ name: 'pitwall_dropped_total', help: 'of somebody else', registers: [registry] });
    const register = () => prometheusMetrics({ registry });
    const sentence =
      'prometheusMetrics() must have a registry without a metric "pitwall_dropped_total", but somebody else\'s is there: give it one of its own, { registry: new Registry() }.';
    expect(register).toThrow(sentence);
    expect(register).toThrow(sentence);
  });

  it('tells a second run where the registry was cleared after the first', async () => {
    const registry = new Registry();
    const metrics = prometheusMetrics({ registry });
    for (const runName of ['first', 'second']) {
      registry.clear();
      const run = new FakeRun({ runName });
      run.connect(metrics);
      run.tell({ type: 'run:start' });
      expect(await samplesOf(registry)).toHaveProperty(`pitwall_training_running{training="${runName}"}`);
    }
  });

  it('may be there twice in a run, under two names', async () => {
    const registries = [new Registry(), new Registry()];
    const training = fakeTrainer(1);
    for (const [index, registry] of registries.entries())
      training.register(prometheusMetrics({ registry, name: `prometheus-${index}` }));

    await training.run();

    for (const registry of registries)
      expect(await samplesOf(registry)).toMatchObject({ 'pitwall_training_epochs_total{training="fake"}': '1' });
  });

  it('writes its file in a long epoch too, four times a minute', async () => {
    const textfile = join(await temporaryFolder(), 'training.prom');
    const registry = new Registry();
    const run = new FakeRun();
    const connection = run.connect(prometheusMetrics({ registry, textfile }));
    const asked = vi.spyOn(registry, 'metrics');

    for (let second = 0; second < 60; second++) {
      await run.clock.advance(1_000);
      run.tell({ type: 'step:summary', count: 1 });
    }

    const text = await vi.waitFor(() => readFile(textfile, 'utf8'));
    expect(text).toContain('pitwall_training_steps_total');
    expect(asked.mock.calls.length).toBeLessThanOrEqual(4);
    connection.unsubscribe();
    await Promise.all(run.held); // it still writes
  });

  it('keeps the file that a link names, whether that is there yet or not', async () => {
    const folder = await temporaryFolder();
    const link = join(folder, 'link.prom');
    await mkdir(join(folder, 'kept'));
    await symlink(join('kept', 'a.prom'), link);
    const file = new PrometheusFile(link, new Registry(), unexpected);

    await file.refresh();
    await writeFile(join(folder, 'kept', 'a.prom'), 'old');
    await file.refresh();

    expect(await readlink(link)).toBe(join('kept', 'a.prom'));
    expect(await readFile(join(folder, 'kept', 'a.prom'), 'utf8')).not.toBe('old');
    expect(await readdir(join(folder, 'kept'))).toEqual(['a.prom']);
  });

  it('waits at the end for the last of its file no longer than five seconds', async () => {
    const registry = new Registry();
    const clock = new VirtualClock();
    const file = new PrometheusFile(join(await temporaryFolder(), 'a.prom'), registry, unexpected, clock);
    new Gauge({ name: 'hangs', help: 'asks a database that is gone', registers: [registry], collect: () => hanging });
    let isOver = false;
    const written = file.refreshInTime().then(() => (isOver = true));

    await clock.advance(4_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await written;
  });

  it('shares its file with other runs: it is whole at every moment', async () => {
    const folder = await temporaryFolder();
    const errors: unknown[] = [];
    const files = Array.from(
      { length: 8 },
      () => new PrometheusFile(join(folder, 'a.prom'), new Registry(), (error) => errors.push(error)),
    );

    await Promise.all(files.map((file) => file.refresh()));

    expect(errors).toEqual([]);
    expect(await readdir(folder)).toEqual(['a.prom']);
  });

  it.each([
    [{ textfile: tmpdir() }, /"textfile" must be the path of a file, but .* is a folder/],
    [
      { textfile: '/no/such/folder/a.prom' },
      /"textfile" must be in a folder that can be written, but \/no\/such\/folder cannot/,
    ],
    [
      { textfile: '/dev/null' },
      '"textfile" must be the path of a file, but /dev/null is a device, a pipe or a socket, which it would replace: name a file.',
    ],
    [{ registry: {} }, /"registry" must be a Registry of prom-client/],
    [{ texfile: 'a' }, /unknown key "texfile": did you mean "textfile"/],
  ])('refuses %j', (options, message) => {
    expect(() => prometheusMetrics(options as never)).toThrow(message);
  });
});

describe('serveMetrics', () => {
  it('answers for the metrics, on this machine alone, and for nothing else', async () => {
    const { registry, run } = trainingOf([[{ atMs: 10, result: 1 }]]);
    const { url, close } = await serveMetrics({ port: 0, registry });
    onTestFinished(close);
    await run();

    const answer = await fetch(url);
    const elsewhere = await fetch(url.replace('/metrics', '/'));
    const posted = await fetch(url, { method: 'POST' });
    const head = await fetch(url, { method: 'HEAD' });

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('pitwall_training_epochs_total{training="fake"} 1\n');
    expect([elsewhere.status, posted.status, head.status]).toEqual([404, 405, 200]);
  });

  it('says what may be asked, and takes the whole address for the path', async () => {
    const { url, port, close } = await serveMetrics({ port: 0, registry: new Registry() });
    onTestFinished(close);
    const statusOf = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port, path }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });

    const posted = await fetch(url, { method: 'POST' });

    expect(posted.headers.get('allow')).toBe('GET, HEAD');
    expect(await statusOf('http://training:9464/metrics?x=1')).toBe(200);
    expect(await statusOf('http://training:9464/elsewhere')).toBe(404);
    expect(await statusOf('//training/metrics')).toBe(404);
  });

  it('survives a connection that cannot be accepted', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    onTestFinished(() => {
      listen.mockRestore();
    });
    const { url, close } = await serveMetrics({ port: 0, registry: new Registry() });
    onTestFinished(close);
    const server = listen.mock.contexts[0] as Server;

    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));

    expect((await fetch(url)).status).toBe(200);
  });

  it('says what is wrong with a port that is taken, and with wrong options', async () => {
    const { port, close } = await serveMetrics({ port: 0, registry: new Registry() });
    onTestFinished(close);

    await expect(serveMetrics({ port })).rejects.toThrow(/port \d+ of 127\.0\.0\.1 is not one .*EADDRINUSE/);
    await expect(serveMetrics({ port: -1 })).rejects.toThrow('"port" must be a port');
  });
});
