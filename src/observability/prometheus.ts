import { concat, finalize } from 'rxjs';
import { register, type Registry } from 'prom-client';
import { z } from 'zod';
import { hearing, type Callback } from '../callbacks/index.ts';
import { nameOption } from '../callbacks/name-option.ts';
import { parseOptions } from '../errors/index.ts';
import type { RunEventType } from '../events/index.ts';
import { attemptWith } from './attempt.ts';
import { Losses } from './losses.ts';
import { PrometheusFamilies } from './prometheus-families.ts';
import { PrometheusFile } from './prometheus-file.ts';
import { PrometheusRun } from './prometheus-run.ts';

export { serveMetrics, type MetricsServer, type ServeMetricsOptions } from './prometheus-server.ts';

export interface PrometheusMetricsOptions {
  /** Where the metrics are registered. Default: prom-client's own, beside your other ones. */
  readonly registry?: Registry;
  /**
   * A file to keep them in, for runs that are over before anybody asks: it is written anew when an epoch, an evaluation and the run
   * end, every 15 s while steps are made, and is whole at every moment.
   */
  readonly textfile?: string;
  /** Its name in the run: `prometheus` by default. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  registry: z
    .custom<Registry>((value) => typeof (value as Partial<Registry> | null)?.registerMetric === 'function')
    .describe('a Registry of prom-client')
    .optional(),
  textfile: z.string().min(1).describe('the path of a file').optional(),
  name: nameOption.default('prometheus'),
});

const writtenAt: readonly RunEventType[] = ['epoch:end', 'evaluation:end', 'run:end'];
/** In a long epoch steps are told as often as this. */
const stepsEveryMs = 15_000;

/**
 * Tells a run to Prometheus: its epochs and steps, its metrics, its evaluations by how they ended and how long they took, what they
 * use now, violations, breakers, and what went wrong beside it. Names begin with `pitwall_`; units are seconds, bytes and ratios.
 *
 * What is not known is absent, and never 0. A label has at most a hundred values: later ones are counted as `other`. A step costs
 * nothing: what changes with it is read when somebody asks. What cannot be counted costs that value and nothing else, and is told by
 * the event `dropped`, at the first and for the rest at the end. Of several in one run and registry the first counts.
 *
 * @throws {ConfigurationError} for wrong options, and for a `textfile` that cannot be written.
 * @example
 * trainer.register(prometheusMetrics());
 * const { url } = await serveMetrics({ port: 9464 });
 */
export function prometheusMetrics(options: PrometheusMetricsOptions = {}): Callback {
  const { registry = register, textfile, name } = parseOptions(optionsSchema, options, 'prometheusMetrics()');
  if (textfile !== undefined) PrometheusFile.requireWritable(textfile);
  PrometheusFamilies.in(registry);
  return {
    name,
    connect: (run, desk) => {
      const losses = new Losses(desk, 'metrics of Prometheus');
      // Anew: the registry may have been cleared meanwhile.
      const told = new PrometheusRun(run, PrometheusFamilies.in(registry), attemptWith(losses));
      let hasFailed = false;
      const file =
        textfile === undefined
          ? undefined
          : new PrometheusFile(textfile, registry, (error) => {
              if (!hasFailed) desk.report(error);
              hasFailed = true;
            });
      let writtenMs = run.clock.now();
      const present$ = hearing(run, (event) => {
        told.hear(event);
        if (event.type === 'training:end' || event.type === 'run:end') losses.tell();
        if (file === undefined) return;
        const nowMs = run.clock.now();
        const isDue = event.type === 'step:summary' && nowMs - writtenMs >= stepsEveryMs;
        if (!isDue && !writtenAt.includes(event.type)) return;
        writtenMs = nowMs;
        void file.refresh();
      });
      return concat(told.remember(run), present$).pipe(
        finalize(() => {
          told.close();
          losses.close();
          if (file !== undefined) desk.hold(file.refreshInTime());
        }),
      );
    },
  };
}
