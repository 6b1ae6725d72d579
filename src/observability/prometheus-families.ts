import { Counter, Gauge, Histogram, type Metric, type Registry } from 'prom-client';
import { ConfigurationError } from '../errors/index.ts';
import { BoundedLabels } from './bounded-labels.ts';
import { RunTellers } from './run-tellers.ts';
import { secondsBuckets } from './seconds-buckets.ts';

/** What is known of a run at the moment of a scrape. Every value that is not known is absent. */
export interface RunReadings {
  readonly read: (tell: TellReading) => void;
}

/** @param value left out where it is not known */
export type TellReading = (gauge: GaugeName, labels: Record<string, string>, value: number | null | undefined) => void;

const gauges = {
  training_info: ['The run that the training is in.', 'run_id'],
  training_running: ['1 while the training runs, 0 when its run is over.'],
  training_epoch: ['The present epoch, from 1.'],
  training_step_duration_seconds: ['Time of a step in the last second that had any: p50, p99 and max.', 'stat'],
  training_progress_timestamp_seconds: [
    'When the training began, and was last seen to make steps or to end an epoch; absent when it has ended.',
  ],
  training_metric: ['The metrics of the last epoch that ended, as the training told them.', 'metric'],
  training_overhead_ratio: [
    'Synchronous time of all callbacks and records on the training thread, of the time of the last run.',
  ],
  evaluations_running: ['Evaluations at work.', 'evaluation'],
  evaluation_memory_bytes: ['Resident memory of the process trees at work.', 'evaluation'],
  evaluation_cpu_ratio: ['Processor use of the process trees at work; 1 is a whole core.', 'evaluation'],
  evaluation_gpu_utilization_ratio: ['GPU use of the process trees at work; 1 is a whole GPU.', 'evaluation'],
  evaluation_training_impact_ratio: [
    'By which share of its speed the training was slower beside the last evaluation of which that was told.',
    'evaluation',
  ],
  evaluation_gpu_memory_bytes: ['GPU memory of the process trees at work.', 'evaluation'],
  evaluation_peak_memory_bytes: ['The most memory that the last evaluation to end has held.', 'evaluation'],
  evaluation_result: ['The numbers in the result of the last evaluation that completed.', 'evaluation', 'field'],
  evaluation_awaited_timestamp_seconds: [
    'Since when a result is awaited: it was asked for, or the one before has come; absent where none is awaited.',
    'evaluation',
  ],
  evaluation_result_epoch: ['The epoch that the last result is of.', 'evaluation'],
  breaker_state: ['1 for the state that a circuit breaker is in, 0 for the others.', 'breaker', 'state'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type GaugeName = keyof typeof gauges;

const counters = {
  training_epochs_total: ['Epochs that have ended.'],
  training_steps_total: ['Steps, as they were summed up once a second.'],
  evaluations_requested_total: ['Evaluations that were asked for.', 'evaluation'],
  evaluations_total: ['Evaluations by how they ended; one that was never run is skipped.', 'evaluation', 'status'],
  evaluations_skipped_total: ['Evaluations that were never run, by why.', 'evaluation', 'reason'],
  sla_violations_total: ['Broken rules.', 'evaluation', 'rule', 'action'],
  sla_unmeasured_total: ['Rules that say nothing because nothing could be measured.', 'rule'],
  sla_unenforceable_total: ['Rules that cannot be held here.', 'rule'],
  breaker_transitions_total: ['Changes of state of the circuit breakers, by the new one.', 'breaker', 'to'],
  callback_errors_total: ['Errors of callbacks.', 'callback'],
  callback_slow_total: ['Calls of callbacks that held the training thread for 50 ms or longer.', 'callback'],
  dropped_total: ['What found no room and was left out.', 'what'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type CounterName = keyof typeof counters;

const histograms = {
  evaluation_duration_seconds: ['From the start of an evaluation to its answer or its kill.', 'evaluation', 'status'],
  evaluation_queued_seconds: ['How long an evaluation had waited when it started.', 'evaluation'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type HistogramName = keyof typeof histograms;

const prefix = 'pitwall_';
const names = [counters, histograms, gauges].flatMap((families) => Object.keys(families).map((name) => prefix + name));
const known = new WeakMap<Registry, PrometheusFamilies>();

/** Pitwall's metrics in one registry: made once for each, and shared by all runs that are told there. */
export class PrometheusFamilies {
  readonly labels = new BoundedLabels();
  /** A scrape asks those that are asked of these. */
  readonly tellers = new RunTellers<RunReadings>();
  readonly #registry: Registry;
  readonly #counters: Record<string, Counter> = {};
  readonly #histograms: Record<string, Histogram> = {};
  readonly #gauges: Record<string, Gauge> = {};
  /** The readings of one scrape: whichever gauge is collected first has them read, and the others take theirs. */
  #scrape: Map<GaugeName, readonly [Record<string, string>, number][]> | undefined;

  /** @throws {ConfigurationError} where the registry has a metric of the same name already. */
  static in(registry: Registry): PrometheusFamilies {
    const before = known.get(registry);
    if (before !== undefined) {
      if (before.#isRegistered()) return before;
      before.#unregister();
    }
    const taken = names.find((name) => registry.getSingleMetric(name) !== undefined);
    if (taken !== undefined)
      throw new ConfigurationError(
        `prometheusMetrics() must have a registry without a metric "${taken}", but somebody else's is there: give it one of its own, { registry: new Registry() }.`,
      );
    const families = new PrometheusFamilies(registry);
    known.set(registry, families);
    return families;
  }

  private constructor(registry: Registry) {
    this.#registry = registry;
    const registers = [registry];
    for (const [name, [help, ...labels]] of Object.entries(counters))
      this.#counters[name] = new Counter({ name: prefix + name, help, labelNames: ['training', ...labels], registers });
    for (const [name, [help, ...labels]] of Object.entries(histograms))
      this.#histograms[name] = new Histogram({
        name: prefix + name,
        help,
        labelNames: ['training', ...labels],
        buckets: [...secondsBuckets],
        registers,
      });
    for (const [name, [help, ...labels]] of Object.entries(gauges)) {
      const take = (): readonly [Record<string, string>, number][] => this.#readingsOf(name as GaugeName);
      this.#gauges[name] = new Gauge({
        name: prefix + name,
        help,
        labelNames: ['training', ...labels],
        registers,
        collect() {
          this.reset();
          for (const [given, value] of take()) this.set(given, value);
        },
      });
    }
  }

  count(name: CounterName, labels: Record<string, string>, by = 1): void {
    this.#counters[name]?.inc(labels, by);
  }

  observe(name: HistogramName, labels: Record<string, string>, seconds: number): void {
    this.#histograms[name]?.observe(labels, seconds);
  }

  /** Whoever clears a registry takes them out of it. */
  #isRegistered(): boolean {
    return Object.entries(this.#all()).every(([name, metric]) => this.#registry.getSingleMetric(name) === metric);
  }

  #unregister(): void {
    for (const [name, metric] of Object.entries(this.#all()))
      if (this.#registry.getSingleMetric(name) === metric) this.#registry.removeSingleMetric(name);
  }

  #all(): Record<string, Metric> {
    const all = Object.entries({ ...this.#counters, ...this.#histograms, ...this.#gauges });
    return Object.fromEntries(all.map(([name, metric]) => [prefix + name, metric]));
  }

  #readingsOf(name: GaugeName): readonly [Record<string, string>, number][] {
    this.#scrape ??= this.#readAll();
    return this.#scrape.get(name) ?? [];
  }

  #readAll(): Map<GaugeName, [Record<string, string>, number][]> {
    const read = new Map<GaugeName, [Record<string, string>, number][]>();
    for (const [training, run] of this.tellers)
      run.read((gauge, labels, value) => {
        if (value === null || value === undefined) return;
        const readings = read.get(gauge) ?? [];
        read.set(gauge, readings);
        readings.push([{ training, ...labels }, value]);
      });
    // All of a scrape's gauges are collected in the same turn.
    queueMicrotask(() => (this.#scrape = undefined));
    return read;
  }
}
