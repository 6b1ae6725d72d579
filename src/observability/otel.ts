import { context, metrics, ROOT_CONTEXT, trace, type Meter, type Tracer } from '@opentelemetry/api';
import { concat, EMPTY, finalize } from 'rxjs';
import { z } from 'zod';
import { hearing, type Callback } from '../callbacks/index.ts';
import { nameOption } from '../callbacks/name-option.ts';
import { parseOptions } from '../errors/index.ts';
import { attemptWith } from './attempt.ts';
import { Losses } from './losses.ts';
import { OtelInstruments } from './otel-instruments.ts';
import { OtelMetrics } from './otel-metrics.ts';
import { OtelTrace } from './otel-trace.ts';

export interface OpenTelemetryOptions {
  /** Who makes the spans. Default: `trace.getTracer('pitwall')`, of the SDK that is registered when the run begins. */
  readonly tracer?: Tracer;
  /** Who makes the metrics. Default: `metrics.getMeter('pitwall')`, likewise. */
  readonly meter?: Meter;
  /** Its name in the run: `opentelemetry` by default. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  tracer: z
    .custom<Tracer>((value) => typeof (value as Partial<Tracer> | null)?.startSpan === 'function')
    .describe('a Tracer of OpenTelemetry, as tracerProvider.getTracer(name) gives it')
    .optional(),
  meter: z
    .custom<Meter>((value) => typeof (value as Partial<Meter> | null)?.createHistogram === 'function')
    .describe('a Meter of OpenTelemetry, as meterProvider.getMeter(name) gives it')
    .optional(),
  name: nameOption.default('opentelemetry'),
});

/**
 * Tells a run to OpenTelemetry, by its API alone: the run, its epochs and evaluations as spans; violations, breakers' transitions and
 * errors of callbacks as events in them; counters, histograms and gauges. Names begin with `pitwall.`; units are seconds, bytes and
 * ratios.
 *
 * The SDK is yours, and where none is registered nothing is told. What is not known is absent, and never 0. A step costs nothing.
 * What OpenTelemetry throws costs that span or value and nothing else: it is counted, and told by the event `dropped`, at the first
 * and for the rest at the end. Of several in one run and meter the first counts.
 *
 * @throws {ConfigurationError} for wrong options.
 * @example
 * trainer.register(openTelemetry());
 * trainer.register(openTelemetry({ tracer: tracerProvider.getTracer('my-training') }));
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Callback {
  const given = parseOptions(optionsSchema, options, 'openTelemetry()');
  return {
    name: given.name,
    connect: (run, desk) => {
      const losses = new Losses(desk, 'spans and metrics of OpenTelemetry');
      const attempt = attemptWith(losses);
      const tracer = attempt(() => given.tracer ?? trace.getTracer('pitwall'));
      const instruments = attempt(() => OtelInstruments.of(given.meter ?? metrics.getMeter('pitwall')));
      const parent = attempt(() => context.active()) ?? ROOT_CONTEXT;
      const spans = new OtelTrace(run, tracer, attempt, parent);
      const told = instruments && new OtelMetrics(run, instruments, attempt);
      const present$ = hearing(run, (event) => {
        spans.hear(event);
        told?.hear(event);
        if (event.type === 'training:end' || event.type === 'run:end') losses.tell();
      });
      return concat(told?.remember(run) ?? EMPTY, present$).pipe(
        finalize(() => {
          spans.close(run.clock.wallNow());
          told?.close();
          losses.close();
        }),
      );
    },
  };
}
