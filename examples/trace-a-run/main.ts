// A training whose run, epochs and evaluations are one trace, and whose metrics go the same way: by OpenTelemetry, over OTLP.
// The SDK and what it sends to are yours; Pitwall knows only OpenTelemetry's API, and a collector that is gone hurts nobody.
// Here a few lines stand in for the collector (collector.ts), and tell what they got.
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Trainer, evaluation, inlineExecutor } from 'pitwall';
import { openTelemetry } from 'pitwall/otel';
import { startCollector } from './collector.ts';

const collector = await startCollector(); // yours: http://localhost:4318

const resource = resourceFromAttributes({ 'service.name': 'minishogi' });
const spans = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
const tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(spans)] });
const values = new OTLPMetricExporter({ url: `${collector.url}/v1/metrics` });
const meters = new MeterProvider({ resource, readers: [new PeriodicExportingMetricReader({ exporter: values })] });

const trainer = new Trainer<{ loss: number }>({ name: 'minishogi', epochs: 4 });
trainer.register(openTelemetry({ tracer: tracers.getTracer('pitwall'), meter: meters.getMeter('pitwall') }));

const executor = inlineExecutor(({ epoch }: { epoch: number }) => {
  if (epoch === 3) throw new Error('the opponent left');
  return Promise.resolve({ winRate: epoch / 4 });
});
trainer.register(evaluation({ name: 'vs-random', every: 1, executor, overlap: 'queue' }));

await trainer.fit((epoch) => Promise.resolve({ loss: 1 / epoch.epoch }));
await Promise.all([tracers.shutdown(), meters.shutdown()]); // what still waits is sent

await collector.close();
const failed = collector.spans.filter(({ error }) => error !== '');
const traces = new Set(collector.spans.map(({ traceId }) => traceId));
console.log(collector.spans.map(({ name, error }) => `span    ${name} ${error}`).join('\n'));
console.log([...collector.metrics].map((name) => `metric  ${name}`).join('\n'));
console.log(`${collector.spans.length} spans in ${traces.size} trace, ${failed.length} failed`);
