import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Trainer } from 'pitwall';
import { openTelemetry } from 'pitwall/otel';
import { prometheusMetrics, serveMetrics } from 'pitwall/prometheus';
import { winstonLogger, type EventLevel } from 'pitwall/winston';
import { Registry } from 'prom-client';
import { startScraper } from './scraping.ts';

/** What belongs to an observer beside the run, such as somebody who asks for metrics. */
export interface Surroundings {
  /** Called when the training goes on, and when it rests. */
  readonly resume?: () => void;
  readonly rest?: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Something that watches a run. */
export interface Observer {
  readonly name: string;
  /** Whether the trainer keeps a journal for it. */
  readonly isJournal?: boolean;
  /** Registers it. `folder` is for its files. */
  readonly watch?: (trainer: Trainer<Metrics>, folder: string) => Surroundings | undefined | Promise<Surroundings>;
}

/** What an epoch of the training tells. */
export type Metrics = Readonly<Record<string, number>>;

/** How much is asked of the observers; each `...Every` in seconds of training. */
export interface Asked {
  readonly logLevel: EventLevel;
  readonly scrapeEvery: number;
  readonly exportMetricsEvery: number;
  readonly exportSpansEvery: number;
}

/** What winston's logger, a Prometheus of its own documentation and OpenTelemetry's SDK do unless they are told otherwise. */
export const byDefault: Asked = { logLevel: 'info', scrapeEvery: 15, exportMetricsEvery: 60, exportSpansEvery: 5 };

export const eachSecond: Asked = { logLevel: 'silly', scrapeEvery: 1, exportMetricsEvery: 1, exportSpansEvery: 1 };

/** All that can watch a run. Whatever comes is added here: it gets a row of its own, and is one of "all together". */
export const observersAsked = ({
  logLevel,
  scrapeEvery,
  exportMetricsEvery,
  exportSpansEvery,
}: Asked): readonly Observer[] => [
  { name: 'journal', isJournal: true },
  {
    name: 'winston, a file, every level',
    watch: (trainer, folder) => {
      mkdirSync(folder, { recursive: true });
      trainer.register(winstonLogger({ file: join(folder, 'training.log'), level: logLevel }));
      return undefined;
    },
  },
  {
    name: 'Prometheus, a scrape a second',
    watch: async (trainer) => {
      const registry = new Registry();
      trainer.register(prometheusMetrics({ registry }));
      const server = await serveMetrics({ port: 0, registry });
      const scraper = await startScraper(server.url, scrapeEvery);
      return {
        ...scraper,
        end: async () => {
          await scraper.end();
          await server.close();
        },
      };
    },
  },
  {
    name: 'OpenTelemetry, its SDK, exporting to memory each second',
    watch: (trainer) => {
      // Asked by hand, in the middle of its own training's turns: a timer would let the others pay for it.
      const never = { scheduledDelayMillis: 1e9 };
      const spans = new InMemorySpanExporter();
      const traces = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(spans, never)] });
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 });
      const metrics = new MeterProvider({ readers: [reader] });
      trainer.register(openTelemetry({ tracer: traces.getTracer('bench'), meter: metrics.getMeter('bench') }));
      let turns = 0;
      return Promise.resolve({
        resume: () => {
          turns++;
          setTimeout(() => {
            if (turns % exportSpansEvery === 0)
              void traces.forceFlush().then(() => {
                spans.reset();
              });
            if (turns % exportMetricsEvery === 0)
              void metrics.forceFlush().then(() => {
                exporter.reset();
              });
          }, 500);
        },
        end: async () => {
          await traces.shutdown();
          await metrics.shutdown();
        },
      });
    },
  },
];
