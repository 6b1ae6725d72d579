import { diag } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluation, processExecutor, type Epoch } from '../../src/index.ts';
import { openTelemetry } from '../../src/observability/otel.ts';
import { evaluator } from './evaluators/index.ts';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';
import { eventsOf, expectWhole, named, recordedRun, type RecordedRun } from './recorded-run.ts';

const name = named('exported');

/** An SDK that sends all the time, and gives up on an answer after so long. */
function sdk(url: string, timeoutMillis: number) {
  const resource = resourceFromAttributes({ 'service.name': 'minishogi' });
  const spans = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces`, timeoutMillis }), {
    scheduledDelayMillis: 20,
    exportTimeoutMillis: timeoutMillis,
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics`, timeoutMillis }),
    exportIntervalMillis: timeoutMillis,
    exportTimeoutMillis: timeoutMillis,
  });
  const tracers = new BasicTracerProvider({ resource, spanProcessors: [spans] });
  const meters = new MeterProvider({ resource, readers: [reader] });
  onTestFinished(async () => {
    await Promise.allSettled([tracers.shutdown(), meters.shutdown()]);
  });
  const flush = async (): Promise<void> => {
    await Promise.all([tracers.forceFlush(), meters.forceFlush()]);
  };
  return { tracer: tracers.getTracer('pitwall'), meter: meters.getMeter('pitwall'), flush };
}

/** Resolves when the SDK says that it could not send. */
function sendingFails(): Promise<void> {
  return new Promise((resolve) => {
    const quiet = (): void => undefined;
    const error = (): void => {
      resolve();
    };
    diag.setLogger({ error, warn: quiet, info: quiet, debug: quiet, verbose: quiet });
    onTestFinished(() => {
      diag.disable();
    });
  });
}

interface ExportedRunOptions {
  readonly timeoutMillis?: number;
  /** Gets each epoch when it begins. */
  readonly before?: (epoch: Epoch) => Promise<void>;
}

/** A real run of four epochs, each evaluated in a process. */
function exportedRun(
  url: string,
  { timeoutMillis = 1_000, before = () => Promise.resolve() }: ExportedRunOptions = {},
) {
  const { tracer, meter, flush } = sdk(url, timeoutMillis);
  const run = recordedRun({
    name: 'exported',
    epochs: 4,
    callbacks: [
      openTelemetry({ tracer, meter }),
      evaluation({ name, every: 1, overlap: 'queue', executor: processExecutor(evaluator('good')) }),
    ],
    epoch: async (epoch) => {
      await before(epoch);
      for (let step = 0; step < 10; step++) await epoch.step(() => Promise.resolve());
    },
  });
  return run.then((recorded) => ({ ...recorded, flush }));
}

/** The run is as it is without anybody to send to. */
function expectUnhurt(run: RecordedRun): void {
  expectWhole(run);
  expect(run.outcome).toMatchObject({ status: 'completed', epochs: 4, steps: 40, evaluations: { completed: 4 } });
  expect([...eventsOf(run.events, 'callback:error'), ...eventsOf(run.events, 'dropped')]).toEqual([]);
}

/** Each span that came is what the run's events say. */
function expectTrue(spans: readonly ReceivedSpan[], { events, outcome }: RecordedRun): void {
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
  for (const { name: told, from, until, attributes } of spans) {
    expect(attributes).toMatchObject({ 'pitwall.run.id': outcome.runId, 'pitwall.training.name': 'exported' });
    if (told === 'epoch') {
      const isIt = ({ epoch }: { readonly epoch: number }): boolean => epoch === attributes['pitwall.epoch.number'];
      expect(from).toBe(eventsOf(events, 'epoch:start').find(isIt)?.at);
      expect(until).toBe(eventsOf(events, 'epoch:end').find(isIt)?.at);
      expect(attributes['pitwall.epoch.steps']).toBe(10);
    } else if (told.startsWith('evaluation')) {
      const isIt = ({ evaluationId }: { readonly evaluationId: string }): boolean =>
        evaluationId === attributes['pitwall.evaluation.id'];
      expect(from).toBe(eventsOf(events, 'evaluation:requested').find(isIt)?.at);
      expect(until).toBe(eventsOf(events, 'evaluation:end').find(isIt)?.at);
      expect(attributes).toMatchObject({
        'pitwall.evaluation.status': 'completed',
        'pitwall.evaluation.items.done': 3,
        'pitwall.evaluation.result.sum': 6,
      });
    } else expect(told).toBe('run exported');
  }
}

describe('openTelemetry over OTLP', () => {
  it('sends a real run: one trace, and metrics that add up', async () => {
    const receiver = new OtlpReceiver();
    onTestFinished(() => receiver.stop());

    const run = await exportedRun(await receiver.listen(), { timeoutMillis: 30_000 });
    await run.flush();

    expectUnhurt(run);
    expectTrue(receiver.spans, run);
    const root = receiver.spans.find((span) => span.name === 'run exported');
    const epochs = receiver.spans.filter((span) => span.name === 'epoch');
    const evaluations = receiver.spans.filter((span) => span.name === `evaluation ${name}`);
    expect([root?.parentId, epochs.length, evaluations.length, receiver.spans.length]).toEqual([undefined, 4, 4, 9]);
    for (const { parentId } of [...epochs, ...evaluations]) expect(parentId).toBe(root?.spanId);
    for (const { linkIds, attributes } of evaluations)
      expect(linkIds).toEqual([
        epochs.find((span) => span.attributes['pitwall.epoch.number'] === attributes['pitwall.evaluation.epoch'])
          ?.spanId,
      ]);

    const points = [...receiver.points.values()];
    const sumOf = (metric: string): number =>
      points.filter((point) => point.name === metric).reduce((sum, { value }) => sum + value, 0);
    expect(sumOf('pitwall.evaluation.requested')).toBe(4);
    expect(sumOf('pitwall.evaluation.ended')).toBe(4);
    expect(sumOf('pitwall.evaluation.duration')).toBe(4);
    expect(sumOf('pitwall.training.steps')).toBe(40);
    expect(sumOf('pitwall.evaluation.running')).toBe(0);
  });

  it('is not hurt by a receiver that is stopped in the middle, and what had come is right', async () => {
    const receiver = new OtlpReceiver();
    const failed = sendingFails();

    const run = await exportedRun(await receiver.listen(), {
      before: async ({ epoch }) => {
        if (epoch === 3) {
          await receiver.until(() => receiver.spans.filter((span) => span.name.startsWith('evaluation')).length >= 1);
          await receiver.stop();
        }
        if (epoch === 4) await failed;
      },
    });

    expectUnhurt(run);
    expectTrue(receiver.spans, run);
    expect(receiver.spans.length).toBeGreaterThanOrEqual(2);
    expect(receiver.spans.map((span) => span.name)).not.toContain('run exported');
  });

  it('is not hurt by a receiver that does not answer any more, and what had come is right', async () => {
    const receiver = new OtlpReceiver();
    const failed = sendingFails();
    onTestFinished(() => receiver.stop());

    const run = await exportedRun(await receiver.listen(), {
      before: async ({ epoch }) => {
        if (epoch === 3) {
          await receiver.until(() => receiver.spans.filter((span) => span.name.startsWith('evaluation')).length >= 1);
          receiver.stick();
        }
        if (epoch === 4) {
          await receiver.until(() => receiver.unanswered > 0);
          await failed;
        }
      },
    });

    expectUnhurt(run);
    expectTrue(receiver.spans, run);
    expect(receiver.spans.length).toBeGreaterThanOrEqual(2);
    expect(receiver.spans.map((span) => span.name)).not.toContain('run exported');
  });
});
