import { finalize } from 'rxjs';
import { register, type Registry } from 'prom-client';
import { z } from 'zod';
import { hearing, type Callback } from '../callbacks/index.ts';
import { parseOptions } from '../errors/index.ts';
import type { RunEventType } from '../events/index.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { PrometheusFamilies } from './prometheus-families.ts';
import { PrometheusFile } from './prometheus-file.ts';
import { PrometheusRun } from './prometheus-run.ts';

export { serveMetrics, type MetricsServer, type ServeMetricsOptions } from './prometheus-server.ts';

export interface PrometheusMetricsOptions {
  /** Where the metrics are registered. Default: prom-client's own, beside your other ones. */
  readonly registry?: Registry;
  /**
   * A file to keep them in, for runs that are over before anybody asks: it is written anew when an epoch, an evaluation and the run
   * end, and is whole at every moment.
   */
  readonly textfile?: string;
}

const optionsSchema = z.strictObject({
  registry: z
    .custom<Registry>((value) => typeof (value as Partial<Registry> | null)?.registerMetric === 'function')
    .describe('a Registry of prom-client')
    .optional(),
  textfile: z.string().min(1).describe('the path of a file').optional(),
});

const writtenAt: readonly RunEventType[] = ['epoch:end', 'evaluation:end', 'run:end'];

/**
 * Tells a run to Prometheus: its epochs and steps, its metrics, its evaluations by how they ended and how long they took, what they
 * use now, violations, breakers, and what went wrong beside it. Names begin with `pitwall_`; units are seconds, bytes and ratios.
 *
 * What is not known is absent, and never 0. A label has at most a hundred values: later ones are counted as `other`. A step costs
 * nothing: what changes with it is read when somebody asks.
 *
 * @throws {ConfigurationError} for wrong options, and for a `textfile` that cannot be written.
 * @example
 * trainer.register(prometheusMetrics());
 * const { url } = await serveMetrics({ port: 9464 });
 */
export function prometheusMetrics(options: PrometheusMetricsOptions = {}): Callback {
  const { registry = register, textfile } = parseOptions(optionsSchema, options, 'prometheusMetrics()');
  if (textfile !== undefined) PrometheusFile.requireWritable(textfile);
  const families = PrometheusFamilies.in(registry);
  const labels = new BoundedLabels();
  return {
    name: 'prometheus',
    connect: (run, desk) => {
      const told = new PrometheusRun(run, families, labels);
      families.follow(run.name, told);
      let hasFailed = false;
      const file =
        textfile === undefined
          ? undefined
          : new PrometheusFile(textfile, registry, (error) => {
              if (!hasFailed) desk.report(error);
              hasFailed = true;
            });
      return hearing(run, (event) => {
        told.hear(event);
        if (file !== undefined && writtenAt.includes(event.type)) void file.refresh();
      }).pipe(
        finalize(() => {
          if (file !== undefined) desk.hold(file.refresh());
        }),
      );
    },
  };
}
