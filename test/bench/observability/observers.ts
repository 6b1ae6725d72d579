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
import { winstonLogger } from 'pitwall/winston';
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

/** All that can watch a run. Whatever comes is added here: it gets a row of its own, and is one of "all together". */
export const observers: readonly Observer[] = [
  { name: 'journal', isJournal: true },
  {
    name: 'winston, a file, every level',
    watch: (trainer, folder) => {
      mkdirSync(folder, { recursive: true });
      trainer.register(winstonLogger({ file: join(folder, 'training.log'), level: 'silly' }));
      return undefined;
    },
  },
  {
    name: 'Prometheus, a scrape a second',
    watch: async (trainer) => {
      const registry = new Registry();
      trainer.register(prometheusMetrics({ registry }));
      const server = await serveMetrics({ port: 0, registry });
      const scraper = await startScraper(server.url);
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
      const traces = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(new InMemorySpanExporter())] });
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000 });
      const metrics = new MeterProvider({ readers: [reader] });
      trainer.register(openTelemetry({ tracer: traces.getTracer('bench'), meter: metrics.getMeter('bench') }));
      return Promise.resolve({
        end: async () => {
          await traces.shutdown();
          await metrics.shutdown();
        },
      });
    },
  },
];
