import { SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api';
import { MeterProvider, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** A span as a test looks at it: times are wall-clock milliseconds. */
export interface ToldSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly linkIds: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly at: number; readonly attributes: Attributes }[];
  readonly error: string | undefined;
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1_000 + nanoseconds / 1_000_000;

/** An SDK that keeps the spans that have ended. */
export function spansInMemory() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return {
    tracer: provider.getTracer('test'),
    spans: (name = ''): ToldSpan[] =>
      exporter
        .getFinishedSpans()
        .filter((span) => span.name.startsWith(name))
        .map((span) => ({
          name: span.name,
          spanId: span.spanContext().spanId,
          parentId: span.parentSpanContext?.spanId,
          linkIds: span.links.map(({ context }) => context.spanId),
          from: milliseconds(span.startTime),
          until: milliseconds(span.endTime),
          attributes: span.attributes,
          events: span.events.map(({ name, time, attributes = {} }) => ({ name, at: milliseconds(time), attributes })),
          error: span.status.code === SpanStatusCode.ERROR ? span.status.message : undefined,
        })),
  };
}

class AskedReader extends MetricReader {
  protected override onShutdown = (): Promise<void> => Promise.resolve();
  protected override onForceFlush = (): Promise<void> => Promise.resolve();
}

const training = 'pitwall.training.name';

/** An SDK that collects when the test asks. */
export function metricsInMemory() {
  const reader = new AskedReader();
  const provider = new MeterProvider({ readers: [reader] });
  const collect = async (): Promise<readonly MetricData[]> =>
    (await reader.collect()).resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return {
    meter: provider.getMeter('test'),
    collect,
    /** By `name{value of attribute, …}`, without the training's name: the values; of a histogram its sum. */
    values: async (): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await collect()).flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => {
            const others = Object.entries(attributes).flatMap(([key, told]) =>
              key === training ? [] : [String(told)],
            );
            const labels = others.length === 0 ? '' : `{${others.join(', ')}}`;
            return [descriptor.name + labels, typeof value === 'number' ? value : (value.sum ?? NaN)];
          }),
        ),
      ),
  };
}
