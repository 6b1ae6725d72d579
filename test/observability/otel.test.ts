import { context, diag, metrics, trace, type Meter, type Span, type Tracer } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { defineCallback, evaluation, type RunEvent } from '../../src/index.ts';
import { openTelemetry } from '../../src/observability/otel.ts';
import { fakeExecutor, fakeTrainer, VirtualClock, type FakeScript } from '../../src/testing/index.ts';
import { runEvent } from '../../src/testing/run-event.ts';
import { metricsInMemory, spansInMemory } from './otel-memory.ts';
import { unmeasuredUsage } from '../unmeasured-usage.ts';
import { FakeRun } from './run.ts';

/** A training of as many epochs of 10 s as there are scripts, with the evaluation `games` of each. */
function trainingOf(scripts: readonly FakeScript[], options: { readonly name?: string } = {}) {
  const { tracer, spans } = spansInMemory();
  const { meter, ...collected } = metricsInMemory();
  const training = fakeTrainer(
    scripts.map((_, index) => ({ steps: 10, stepMs: 1_000, metrics: { loss: 1 / (index + 1) } })),
  );
  const executor = fakeExecutor<number>(({ input }) => scripts[input - 1] ?? [], { clock: training.clock });
  const sla = { evaluationTimeMs: 12_000, memoryMb: { limit: 100, action: 'warn' as const } };
  training.register(openTelemetry({ tracer, meter }));
  training.register(
    evaluation({
      name: options.name ?? 'games',
      every: 1,
      executor,
      input: ({ epoch }) => epoch,
      sla,
      breaker: { minimumNumberOfCalls: 3 },
    }),
  );
  return { ...training, tracer, meter, spans, ...collected };
}

const atOf = (events: readonly RunEvent[], type: RunEvent['type'], number = 1): number =>
  events.filter((event) => event.type === type)[number - 1]?.at ?? NaN;

describe('the spans of openTelemetry', () => {
  it('are the run, and its children the epochs and evaluations, at the times of their events', async () => {
    const { run, spans, events } = trainingOf([[{ atMs: 4_000, result: { winRate: 0.6, note: 'well' } }], []]);

    await run();

    const [whole] = spans('run');
    const [first, second] = spans('epoch');
    const [games] = spans('evaluation');
    expect(spans()).toHaveLength(5);
    expect(whole).toMatchObject({
      name: 'run fake',
      parentId: undefined,
      error: undefined,
      from: atOf(events, 'run:start'),
      until: atOf(events, 'run:end'),
      attributes: {
        'pitwall.run.id': events[0]?.runId,
        'pitwall.training.name': 'fake',
        'pitwall.run.planned_epochs': 2,
        'pitwall.run.status': 'completed',
        'pitwall.run.epochs': 2,
        'pitwall.run.steps': 20,
        'pitwall.run.evaluations.requested': 2,
        'pitwall.run.evaluations.violated': 1,
      },
    });
    expect(whole?.attributes).not.toHaveProperty('pitwall.partial');
    expect(second).toMatchObject({
      name: 'epoch',
      parentId: whole?.spanId,
      from: atOf(events, 'epoch:start', 2),
      until: atOf(events, 'epoch:end', 2),
      attributes: { 'pitwall.epoch.number': 2, 'pitwall.epoch.steps': 10, 'pitwall.epoch.metric.loss': 0.5 },
    });
    // It ends in the second epoch, and is of the first.
    expect(games).toMatchObject({
      name: 'evaluation games',
      parentId: whole?.spanId,
      linkIds: [first?.spanId],
      error: undefined,
      from: atOf(events, 'evaluation:requested'),
      until: atOf(events, 'evaluation:end'),
      attributes: {
        'pitwall.evaluation.name': 'games',
        'pitwall.evaluation.epoch': 1,
        'pitwall.evaluation.step': 10,
        'pitwall.evaluation.status': 'completed',
        'pitwall.evaluation.duration': 4,
        'pitwall.evaluation.result.winRate': 0.6,
      },
    });
    expect(games?.events).toMatchObject([
      { name: 'pitwall.evaluation.start', at: atOf(events, 'evaluation:start'), attributes: {} },
    ]);
    expect(games!.from).toBe(first!.until);
    expect(games!.until).toBeLessThan(second!.until);
  });

  it('have the times of the clock, whatever it says', async () => {
    const { tracer, spans } = spansInMemory();
    const training = fakeTrainer([{ stepMs: 100 }], { clock: new VirtualClock({ wallMs: 5 }) });
    training.register(openTelemetry({ tracer }));

    await training.run();

    expect(spans('epoch')).toMatchObject([{ from: 5, until: 105 }]);
  });

  it('are made so that the SDK has nothing to say', async () => {
    const complaints = vi.fn();
    diag.setLogger({ error: complaints, warn: complaints, info: vi.fn(), debug: vi.fn(), verbose: vi.fn() });
    onTestFinished(() => {
      diag.disable();
    });
    const { run } = trainingOf([
      [
        { atMs: 100, sample: 200 },
        { atMs: 200, crash: 'boom' },
      ],
      [],
      [],
    ]);

    await run();

    expect(complaints.mock.calls).toEqual([]);
  });

  it('leave out what is not known, and tell a true 0', async () => {
    const { run, spans } = trainingOf([
      [
        { atMs: 10, sample: null },
        { atMs: 20, result: { draws: 0, wins: NaN } },
      ],
    ]);

    await run();

    const { attributes } = spans('evaluation')[0]!;
    for (const unknown of ['cpu_time', 'peak_memory', 'items.total', 'result.wins'])
      expect(attributes).not.toHaveProperty([`pitwall.evaluation.${unknown}`]);
    expect(attributes).toMatchObject({
      'pitwall.evaluation.result.draws': 0,
      'pitwall.evaluation.queue_duration': 0,
      'pitwall.evaluation.items.done': 0,
    });
    expect(Object.values(attributes).some((value) => Number.isNaN(value))).toBe(false);
  });

  it('have the status ERROR where an evaluation fails or is ended; one that never ran says why', async () => {
    const { run, spans } = trainingOf([
      [{ atMs: 100, crash: 'boom' }],
      [], // hangs, past the end of the third epoch
      [{ atMs: 100, crash: 'boom' }],
      [],
    ]);

    await run();

    const evaluations = spans('evaluation');
    const byEpoch = (epoch: number) =>
      evaluations.find((span) => span.attributes['pitwall.evaluation.epoch'] === epoch);
    expect(evaluations).toHaveLength(4);
    expect(byEpoch(1)).toMatchObject({ error: 'boom', attributes: { 'error.type': 'EVALUATOR_CRASHED' } });
    expect(byEpoch(2)).toMatchObject({
      error: expect.stringContaining('12000') as string,
      attributes: { 'pitwall.evaluation.status': 'violated', 'pitwall.sla.rule': 'evaluationTimeMs' },
    });
    expect(byEpoch(2)?.events.at(-1)).toMatchObject({
      name: 'pitwall.sla.violation',
      attributes: {
        'pitwall.sla.rule': 'evaluationTimeMs',
        'pitwall.sla.action': 'abort',
        'pitwall.sla.limit': 12_000,
      },
    });
    expect(byEpoch(4)).toMatchObject({
      error: undefined,
      attributes: { 'pitwall.evaluation.status': 'skipped', 'pitwall.evaluation.skip_reason': 'breaker-open' },
    });
    // A transition is the run's, which has not failed.
    const [whole] = spans('run');
    expect(whole?.events.filter(({ name }) => name === 'pitwall.breaker.transition')).toMatchObject([
      {
        attributes: { 'pitwall.breaker.name': 'games', 'pitwall.breaker.from': 'closed', 'pitwall.breaker.to': 'open' },
      },
    ]);
    expect(whole?.error).toBeUndefined();
  });

  it('tell a warning in the evaluation that goes on, and the error of a callback in the run', async () => {
    const { run, spans, register } = trainingOf([
      [
        { atMs: 100, sample: 200 },
        { atMs: 200, result: 1 },
      ],
    ]);
    register(
      defineCallback('broken', (): void => {
        throw new TypeError('no such file');
      }),
    );

    await run();

    expect(spans('evaluation')[0]).toMatchObject({ error: undefined });
    expect(spans('evaluation')[0]?.events.at(-1)).toMatchObject({
      name: 'pitwall.sla.violation',
      attributes: { 'pitwall.sla.action': 'warn', 'pitwall.sla.observed': 200, 'pitwall.sla.unit': 'MB' },
    });
    expect(spans('run')[0]?.events).toMatchObject(
      expect.arrayContaining([
        {
          name: 'exception',
          at: expect.any(Number) as number,
          attributes: {
            'exception.type': 'TypeError',
            'exception.message': 'no such file',
            'pitwall.callback.name': 'broken',
          },
        },
      ]) as unknown[],
    );
  });

  it('of a run that fails say so; the open epoch is ended, and its NaN is told in words', async () => {
    const { tracer, spans } = spansInMemory();
    const training = fakeTrainer([{ metrics: { loss: NaN } }, { steps: 3, throws: new RangeError('too deep') }]);
    training.register(openTelemetry({ tracer }));

    await expect(training.run()).rejects.toThrow('too deep');

    expect(spans('run')[0]).toMatchObject({
      error: expect.stringContaining('too deep') as string,
      attributes: { 'pitwall.run.status': 'failed', 'error.type': 'RangeError' },
    });
    const [first, second] = spans('epoch');
    expect(first?.attributes).not.toHaveProperty(['pitwall.epoch.metric.loss']);
    expect(first?.events).toMatchObject([
      {
        name: 'pitwall.metric.not_finite',
        attributes: { 'pitwall.metric.name': 'loss', 'pitwall.metric.value': 'NaN' },
      },
    ]);
    expect(second).toMatchObject({ attributes: { 'pitwall.epoch.interrupted': true, 'pitwall.epoch.steps': 3 } });
  });

  it('that are open when the run ends, or when it is unregistered, are ended', () => {
    const { tracer, spans } = spansInMemory();
    const run = new FakeRun();
    const subscription = run.connect(openTelemetry({ tracer }));
    run.emit({ type: 'run:start', name: 'minishogi', epochs: 3, config: {} });
    run.emit({ type: 'epoch:start', epoch: 1 });
    run.emit({ type: 'evaluation:requested', evaluationId: 'a', name: 'games', epoch: 1, step: 5 });

    subscription.unsubscribe();

    expect(spans().map(({ name }) => name)).toEqual(['evaluation games', 'epoch', 'run minishogi']);
  });

  it('begin where it is registered when that is in the middle of a run, and say so', async () => {
    const { tracer, spans } = spansInMemory();
    const { meter, values } = metricsInMemory();
    const training = fakeTrainer([{ steps: 10, stepMs: 1_000 }, { steps: 10, stepMs: 1_000 }, {}]);
    const executor = fakeExecutor(
      [
        { atMs: 3_000, sample: 50 },
        { atMs: 15_000, result: 1 },
      ],
      {
        clock: training.clock,
      },
    );
    training.register(evaluation({ name: 'games', every: 1, overlap: 'skip', executor, input: () => 1 }));
    training.clock.setTimeout(() => training.register(openTelemetry({ tracer, meter })), 12_000);

    const { events } = await training.run();

    const registeredAt = atOf(events, 'run:start') + 12_000;
    const [whole] = spans('run');
    expect(whole).toMatchObject({
      from: registeredAt,
      attributes: { 'pitwall.partial': true, 'pitwall.run.steps': 21 },
    });
    expect(
      spans('epoch').map(({ from, attributes }) => [
        attributes['pitwall.epoch.number'],
        attributes['pitwall.partial'],
        from,
      ]),
    ).toEqual([
      [2, true, registeredAt],
      [3, undefined, atOf(events, 'epoch:start', 3)],
    ]);
    expect(spans('epoch')[0]?.attributes['pitwall.epoch.steps']).toBeLessThan(10);
    const late = spans('evaluation').find(({ attributes }) => attributes['pitwall.evaluation.epoch'] === 1);
    expect(late).toMatchObject({
      parentId: whole?.spanId,
      from: registeredAt,
      until: atOf(events, 'evaluation:end'),
      attributes: { 'pitwall.partial': true, 'pitwall.evaluation.status': 'completed' },
    });
    expect(await values()).toMatchObject({
      'pitwall.training.epoch': 3,
      'pitwall.evaluation.running{games}': 0,
      'pitwall.evaluation.duration{games, completed}': expect.any(Number) as number,
    });
  });

  it('belong to the span that is active when the run begins', async () => {
    const { tracer, spans } = spansInMemory();
    const outer = tracer.startSpan('outer');
    const active = vi.spyOn(context, 'active').mockReturnValue(trace.setSpan(context.active(), outer));
    onTestFinished(() => {
      active.mockRestore();
    });
    const training = fakeTrainer(1);
    training.register(openTelemetry({ tracer }));

    await training.run();

    expect(spans('run')[0]).toMatchObject({ parentId: outer.spanContext().spanId });
  });

  it('keep what is long or many in bounds', async () => {
    const { tracer, spans } = spansInMemory();
    const numbers = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`head ${index}`, index]));
    const training = fakeTrainer([{ metrics: numbers }]);
    training.register(openTelemetry({ tracer }));
    training.register(
      defineCallback('broken', (): void => {
        throw new Error('x'.repeat(10_000));
      }),
    );

    await training.run();

    expect(Object.keys(spans('epoch')[0]!.attributes).filter((key) => key.includes('.metric.'))).toHaveLength(32);
    expect(String(spans('run')[0]?.events[0]?.attributes['exception.message'])).toHaveLength(1_000);
  });
});

describe('the metrics of openTelemetry', () => {
  it('tell the breakers of a run that was resumed as they were left', async () => {
    const { meter, values } = metricsInMemory();
    const opened = runEvent({ type: 'breaker:transition', name: 'games', from: 'closed', to: 'open', reason: 'rate' });
    const run = new FakeRun({ history: [opened] });
    run.connect(openTelemetry({ meter, name: 'metrics' }));

    run.tell({ type: 'run:resume', config: { callbacks: { games: { overlap: 'latest', breaker: {} } } } });

    expect(await values()).toMatchObject({
      'pitwall.breaker.state{games, open}': 1,
      'pitwall.breaker.state{games, closed}': 0,
    });
  });

  it('count how evaluations end, and tell the training, its metrics and results', async () => {
    const { run, values } = trainingOf([
      [{ atMs: 1_000, result: { winRate: 0.6, note: 'well' } }],
      [{ atMs: 100, crash: 'boom' }],
      [], // hangs: 1 of 3 has succeeded, and the breaker opens
      [],
    ]);

    const { outcome } = await run();
    const told = await values();

    expect(outcome.evaluations.requested).toBe(4);
    expect(told).toMatchObject({
      'pitwall.training.epochs': 4,
      'pitwall.training.steps': 40,
      'pitwall.training.epoch': 4,
      'pitwall.training.metric{loss}': 0.25,
      'pitwall.evaluation.requested{games}': 4,
      'pitwall.evaluation.ended{games, completed}': 1,
      'pitwall.evaluation.ended{games, failed}': 1,
      'pitwall.evaluation.ended{games, cancelled}': 0,
      'pitwall.evaluation.running{games}': 0,
      'pitwall.breaker.transitions{games, open}': 1,
      'pitwall.breaker.state{games, open}': 1,
      'pitwall.breaker.state{games, closed}': 0,
      'pitwall.evaluation.result{games, winRate}': 0.6,
      'pitwall.evaluation.duration{games, completed}': 1,
      'pitwall.evaluation.duration{games, failed, EVALUATOR_CRASHED}': 0.1,
      'pitwall.evaluation.queue.duration{games}': expect.any(Number) as number,
    });
    const ended = Object.entries(told).filter(([name]) => name.startsWith('pitwall.evaluation.ended'));
    expect(ended.reduce((sum, [, value]) => sum + value, 0)).toBe(4);
    expect(Object.keys(told).filter((name) => /note|run|-1/.test(name))).toEqual(['pitwall.evaluation.running{games}']);
  });

  it('tell no time of what nobody could measure', async () => {
    const { meter, values } = metricsInMemory();
    const { tracer, spans } = spansInMemory();
    const run = new FakeRun();
    run.connect(openTelemetry({ meter, tracer }));
    const subject = { evaluationId: 'a', name: 'games', epoch: 1, step: 1 };

    run.emit({ type: 'evaluation:requested', ...subject });
    run.emit({ type: 'evaluation:start', ...subject, queuedMs: 0 });
    run.emit({ type: 'evaluation:end', ...subject, status: 'cancelled', items: { done: 0 }, usage: unmeasuredUsage });

    const told = await values();
    expect(told).toMatchObject({ 'pitwall.evaluation.ended{games, cancelled}': 1 });
    expect(Object.keys(told).filter((name) => name.startsWith('pitwall.evaluation.duration'))).toEqual([]);
    const [span] = spans().filter(({ name }) => name === 'evaluation games');
    expect(span?.attributes).toMatchObject({ 'pitwall.evaluation.status': 'cancelled' });
    expect(Object.keys(span?.attributes ?? {}).filter((name) => /duration|time/.test(name))).toEqual([]);
  });

  it('tell what runs while it runs: unknown is absent, a true 0 is 0, and afterwards nothing is used', async () => {
    const { run, clock, trainer, values } = trainingOf([
      [
        { atMs: 100, sample: { memoryMb: 200, cpuPercent: 0 } },
        { atMs: 4_000, result: 1 },
      ],
      [],
    ]);
    let before: Promise<Record<string, number>> | undefined;
    let during: Promise<Record<string, number>> | undefined;
    trainer.events$.subscribe(({ type }) => {
      if (type !== 'evaluation:start' || before !== undefined) return;
      before = values();
      clock.setTimeout(() => {
        during = values();
      }, 2_000);
    });

    await run();

    expect(await before).toMatchObject({ 'pitwall.evaluation.running{games}': 1 });
    expect(await before).not.toHaveProperty(['pitwall.evaluation.memory.usage{games}']);
    expect(await during).toMatchObject({
      'pitwall.evaluation.running{games}': 1,
      'pitwall.evaluation.memory.usage{games}': 200 * 2 ** 20,
      'pitwall.evaluation.cpu.utilization{games}': 0,
      'pitwall.sla.violations{games, memoryMb, warn}': 1,
    });
    const after = await values();
    expect(after).toMatchObject({ 'pitwall.evaluation.memory.usage{games}': 0 });
    for (const told of [await during, after])
      expect(Object.keys(told ?? {}).filter((name) => name.includes('.gpu.'))).toEqual([]);
  });

  it('have units, and buckets from a millisecond to half an hour', async () => {
    const { run, collect } = trainingOf([
      [
        { atMs: 100, sample: 5 },
        { atMs: 4_000, result: 1 },
      ],
    ]);
    await run();

    const told = await collect();
    const of = (name: string) => told.find(({ descriptor }) => descriptor.name === name);

    const duration = of('pitwall.evaluation.duration');
    expect(duration?.descriptor.unit).toBe('s');
    if (duration?.dataPointType !== DataPointType.HISTOGRAM) throw new Error('the duration must be a histogram');
    const { boundaries, counts } = duration.dataPoints[0]!.value.buckets;
    expect([boundaries[0], boundaries.at(-1)]).toEqual([0.001, 1_800]);
    expect(counts[boundaries.indexOf(5)]).toBe(1);
    expect(of('pitwall.evaluation.memory.usage')?.descriptor.unit).toBe('By');
    for (const { descriptor } of told) {
      expect(descriptor.name).toMatch(/^pitwall(\.[a-z][a-z_]*)+$/);
      expect(descriptor.name).not.toMatch(/seconds|bytes|total/);
    }
  });

  it('leave out what is no number, count that, and keep attributes few', async () => {
    const { meter, values } = metricsInMemory();
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`head ${index}`, index]));
    const training = fakeTrainer([{ metrics: { loss: NaN, rate: Infinity, ...many } }]);
    training.register(openTelemetry({ meter }));

    await training.run();
    const told = await values();

    expect(told).toMatchObject({
      'pitwall.training.not_finite_metrics{loss}': 1,
      'pitwall.training.not_finite_metrics{rate}': 1,
      'pitwall.training.metric{other}': 299,
    });
    expect(told).not.toHaveProperty(['pitwall.training.metric{loss}']);
    expect(Object.keys(told).filter((name) => name.startsWith('pitwall.training.metric{'))).toHaveLength(99);
  });

  it('say nothing of an epoch that was interrupted', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    run.connect(openTelemetry({ meter }));

    run.tell({ type: 'epoch:end', epoch: 1, metrics: { loss: 0.5 } });
    run.tell({ type: 'epoch:end', epoch: 2, metrics: { loss: 9, rate: NaN }, interrupted: true });

    const told = await values();
    expect(told).toMatchObject({ 'pitwall.training.metric{loss}': 0.5, 'pitwall.training.epochs': 1 });
    expect(told).not.toHaveProperty(['pitwall.training.not_finite_metrics{rate}']);
  });

  it('say nothing of how long an evaluation took that never began', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    run.connect(openTelemetry({ meter }));
    const subject = { evaluationId: 'a', name: 'games', epoch: 1, step: 5 };
    const usage = { wallMs: 0, cpuMs: null, cpuShare: null, peakMemoryMb: null, startMs: 0, pausedMs: 0, goneMs: 0 };

    run.emit({ type: 'evaluation:requested', ...subject });
    run.emit({
      type: 'evaluation:end',
      ...subject,
      status: 'cancelled',
      items: { done: 0 },
      usage: { ...usage, queuedMs: 500 },
    });

    const told = await values();
    expect(told).toMatchObject({ 'pitwall.evaluation.ended{games, cancelled}': 1 });
    expect(Object.keys(told).filter((name) => name.includes('duration'))).toEqual([]);
  });

  it('count once where they are told twice to one meter, and the second goes on when the first has left', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    const connections = ['first', 'second'].map((name) => run.connect(openTelemetry({ meter, name })));
    const subject = { evaluationId: 'a', name: 'games' };

    run.tell({ type: 'run:start' }, { type: 'evaluation:start', ...subject, queuedMs: 2_000 });
    run.tell({ type: 'epoch:start', epoch: 1 }, { type: 'epoch:end', epoch: 1, metrics: { loss: NaN } });
    expect(await values()).toMatchObject({
      'pitwall.training.epochs': 1,
      'pitwall.training.not_finite_metrics{loss}': 1,
      'pitwall.evaluation.queue.duration{games}': 2,
      'pitwall.evaluation.running{games}': 1,
    });

    connections[0]?.unsubscribe();
    run.tell({ type: 'epoch:start', epoch: 2 }, { type: 'epoch:end', epoch: 2 });
    expect(await values()).toMatchObject({
      'pitwall.training.epochs': 2,
      'pitwall.training.epoch': 2,
      'pitwall.evaluation.running{games}': 1,
    });
  });

  it('say of no breaker how it is any more once it was unregistered in the middle', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    const connection = run.connect(openTelemetry({ meter }));
    run.tell(
      { type: 'run:start', config: { callbacks: { games: { overlap: 'latest', breaker: {} } } } },
      { type: 'breaker:transition', name: 'games', from: 'closed', to: 'open', reason: 'rate' },
    );
    expect(await values()).toMatchObject({ 'pitwall.breaker.state{games, open}': 1 });

    connection.unsubscribe();

    expect(await values()).toMatchObject({
      'pitwall.breaker.state{games, open}': 0,
      'pitwall.breaker.state{games, closed}': 0,
    });
  });

  it('say how the breakers were when the run ended', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    const connection = run.connect(openTelemetry({ meter }));
    run.tell({ type: 'breaker:transition', name: 'games', from: 'closed', to: 'open', reason: 'rate' });

    run.tell({ type: 'run:end' });
    connection.unsubscribe();

    expect(await values()).toMatchObject({ 'pitwall.breaker.state{games, open}': 1 });
  });

  it('tell no sum of what is not known of all that are at work', async () => {
    const { meter, values } = metricsInMemory();
    const run = new FakeRun();
    run.connect(openTelemetry({ meter }));
    const known = { memoryMb: 1, cpuPercent: 50, gpuUtilizationPercent: 10, gpuMemoryMb: 1 };

    run.tell(
      { type: 'evaluation:sample', evaluationId: 'a', name: 'games', ...known },
      { type: 'evaluation:sample', evaluationId: 'b', name: 'games', ...known, memoryMb: null },
    );

    const told = await values();
    expect(told).toMatchObject({
      'pitwall.evaluation.running{games}': 2,
      'pitwall.evaluation.gpu.memory.usage{games}': 2 * 2 ** 20,
    });
    expect(told).not.toHaveProperty(['pitwall.evaluation.memory.usage{games}']);
  });

  it('of one meter are shared: a training that comes again counts on', async () => {
    const { meter, collect } = metricsInMemory();
    const asked = vi.spyOn(meter, 'addBatchObservableCallback');
    for (const [name, epochs] of [
      ['a', 2],
      ['b', 1],
      ['a', 3],
    ] as const) {
      const training = fakeTrainer(epochs, { name });
      training.register(openTelemetry({ meter }));
      await training.run();
    }

    const epochs = (await collect()).find(({ descriptor }) => descriptor.name === 'pitwall.training.epochs');

    expect(epochs?.dataPoints.map(({ attributes, value }) => [attributes['pitwall.training.name'], value])).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('openTelemetry', () => {
  it('without an SDK tells nothing, and the run is as it is without it', async () => {
    const training = fakeTrainer(2);
    training.register(openTelemetry());

    const { outcome, events } = await training.run();

    expect(outcome).toMatchObject({ status: 'completed', epochs: 2 });
    expect(events.filter(({ type }) => type === 'dropped' || type === 'callback:error')).toEqual([]);
  });

  it('takes the SDK that is registered when the run begins', async () => {
    const { tracer, spans } = spansInMemory();
    const { meter, values } = metricsInMemory();
    const training = fakeTrainer(1);
    training.register(openTelemetry());
    trace.setGlobalTracerProvider({ getTracer: () => tracer });
    metrics.setGlobalMeterProvider({ getMeter: () => meter });
    onTestFinished(() => {
      trace.disable();
      metrics.disable();
    });

    await training.run();

    expect(spans('run')).toHaveLength(1);
    expect(await values()).toMatchObject({ 'pitwall.training.epochs': 1 });
  });

  it('does nothing for a step', () => {
    const startSpan = vi.fn();
    const run = new FakeRun();
    run.connect(openTelemetry({ tracer: { startSpan } as unknown as Tracer }));

    for (let step = 0; step < 100; step++) run.step();

    expect(startSpan).not.toHaveBeenCalled();
  });

  it('survives an SDK that throws: tells the first loss at once, and the rest at the end', async () => {
    const fails = (): never => {
      throw new Error('the SDK is broken');
    };
    const { meter } = metricsInMemory();
    const broken = Object.create(meter, { createHistogram: { value: () => ({ record: fails }) } }) as Meter;
    const training = fakeTrainer([{ steps: 5 }, {}]);
    const executor = fakeExecutor([{ atMs: 1, result: 1 }], { clock: training.clock });
    training.register(openTelemetry({ tracer: { startSpan: fails } as unknown as Tracer, meter: broken }));
    training.register(evaluation({ name: 'games', every: 1, executor, input: () => 1 }));

    const { outcome, events } = await training.run();

    expect(outcome).toMatchObject({ status: 'completed', evaluations: { requested: 2, completed: 2 } });
    expect(events.filter(({ type }) => type === 'callback:error')).toEqual([]);
    const dropped = events.filter((event) => event.type === 'dropped');
    expect(dropped[0]).toMatchObject({ what: 'spans and metrics of OpenTelemetry', count: 1 });
    expect(dropped.length).toBeLessThanOrEqual(3);
    // The spans of the run, two epochs and two evaluations, and how long each of these has waited and run.
    expect(dropped.reduce((sum, { count }) => sum + count, 0)).toBe(9);
  });

  it.each(['setAttributes', 'addEvent', 'setStatus', 'end', 'spanContext'] as const)(
    'survives a span whose %s throws, and goes on with the others',
    async (method) => {
      const { tracer, spans } = spansInMemory();
      const startSpan: Tracer['startSpan'] = (...given) => {
        const span = tracer.startSpan(...given);
        if (given[0] === 'epoch' || given[0] === 'run fake')
          Object.defineProperty(span, method, {
            value: () => {
              throw new Error('no');
            },
          });
        return span;
      };
      const training = fakeTrainer([{ metrics: { loss: NaN } }, { throws: new Error('end') }]);
      const executor = fakeExecutor([{ atMs: 1, result: 1 }], { clock: training.clock });
      training.register(evaluation({ name: 'games', every: 1, executor, input: () => 1 }));
      training.register(openTelemetry({ tracer: { startSpan } as Tracer }));

      await expect(training.run()).rejects.toThrow('end');

      expect(training.events.filter(({ type }) => type === 'callback:error')).toEqual([]);
      expect(training.events.some(({ type }) => type === 'dropped')).toBe(true);
      expect(spans('evaluation')).toMatchObject([{ attributes: { 'pitwall.evaluation.status': 'completed' } }]);
    },
  );

  it('survives a metric that throws when it is read, and a tracer that gives no span', () => {
    const { tracer, spans } = spansInMemory();
    const published = [tracer, { startSpan: () => undefined as unknown as Span } as unknown as Tracer].map((each) => {
      const run = new FakeRun();
      run.connect(openTelemetry({ tracer: each }));
      run.emit({ type: 'run:start', name: 'minishogi', epochs: 1, config: {} });
      run.emit({ type: 'epoch:start', epoch: 1 });
      const metrics = Object.defineProperty({}, 'loss', {
        enumerable: true,
        get: () => {
          throw new Error('lazy');
        },
      });
      run.emit({ type: 'epoch:end', epoch: 1, metrics });
      run.end();
      return run.published;
    });

    expect(spans('epoch')).toHaveLength(1);
    for (const bodies of published) expect(bodies).toMatchObject([{ type: 'dropped', count: 1 }]);
  });

  it.each([
    [{ tracer: {} }, /"tracer" must be a Tracer of OpenTelemetry, .* but an object came/],
    [{ meter: 'mine' }, /"meter" must be a Meter of OpenTelemetry/],
    [{ traser: 1 }, /unknown key "traser": did you mean "tracer"/],
  ])('refuses %j', (options, message) => {
    expect(() => openTelemetry(options as never)).toThrow(message);
  });
});
