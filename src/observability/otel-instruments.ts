import type { Attributes, Histogram, Meter, Observable } from '@opentelemetry/api';
import { BoundedLabels } from './bounded-labels.ts';
import { OtelTallies } from './otel-tallies.ts';
import { RunTellers } from './run-tellers.ts';
import { secondsBuckets } from './seconds-buckets.ts';

const counters = {
  'pitwall.training.epochs': ['{epoch}', 'Epochs that have ended.'],
  'pitwall.training.steps': ['{step}', 'Steps, as they were summed up once a second.'],
  'pitwall.training.not_finite_metrics': ['{metric}', 'Metrics of epochs that were NaN or infinite.'],
  'pitwall.evaluation.requested': ['{evaluation}', 'Evaluations that were asked for.'],
  'pitwall.evaluation.ended': ['{evaluation}', 'Evaluations by how they ended; one that was never run is skipped.'],
  'pitwall.evaluation.skipped': ['{evaluation}', 'Evaluations that were never run, by why.'],
  'pitwall.sla.violations': ['{violation}', 'Broken rules.'],
  'pitwall.sla.unmeasured': ['{rule}', 'Rules that say nothing because nothing could be measured.'],
  'pitwall.sla.unenforceable': ['{rule}', 'Rules that cannot be held here.'],
  'pitwall.breaker.transitions': ['{transition}', 'Changes of state of the circuit breakers, by the new one.'],
  'pitwall.callback.errors': ['{error}', 'Errors of callbacks.'],
  'pitwall.callback.slow': ['{call}', 'Calls of callbacks that held the training thread for 50 ms or longer.'],
  'pitwall.dropped': ['{item}', 'What found no room and was left out.'],
} as const;

const histograms = {
  'pitwall.evaluation.duration': ['s', 'From the start of an evaluation to its answer or its kill.'],
  'pitwall.evaluation.queue.duration': ['s', 'How long an evaluation had waited when it started.'],
} as const;

/** Of the user's own numbers nobody knows the unit. */
const gauges = {
  'pitwall.training.metric': 'The metrics of the last epoch that ended, as the training told them.',
  'pitwall.evaluation.result': 'The numbers in the result of the last evaluation that completed.',
} as const;

const observables = {
  'pitwall.training.epoch': ['{epoch}', 'The present epoch, from 1.'],
  'pitwall.breaker.state': ['{breaker}', '1 for the state that a circuit breaker is in, 0 for the others.'],
  'pitwall.evaluation.running': ['{evaluation}', 'Evaluations at work.'],
  'pitwall.evaluation.memory.usage': ['By', 'Resident memory of the process trees at work.'],
  'pitwall.evaluation.cpu.utilization': ['1', 'Processor use of the process trees at work; 1 is a whole core.'],
  'pitwall.evaluation.gpu.utilization': ['1', 'GPU use of the process trees at work; 1 is a whole GPU.'],
  'pitwall.evaluation.gpu.memory.usage': ['By', 'GPU memory of the process trees at work.'],
} as const;

/** Those that say how many there are: over several attributes they can be added up. */
const summed: readonly ObservableName[] = ['pitwall.evaluation.running', 'pitwall.breaker.state'];

export type CounterName = keyof typeof counters;
export type HistogramName = keyof typeof histograms;
export type GaugeName = keyof typeof gauges;
export type ObservableName = keyof typeof observables;

/** @param value left out where it is not known */
export type Observe = (name: ObservableName, value: number | null, attributes: Attributes) => void;

/** What is known of a run at the moment of a collection. It never throws. */
export type Readings = (observe: Observe) => void;

const made = new WeakMap<Meter, OtelInstruments>();

/** Pitwall's instruments of one meter: made once for each, and shared by all runs that are told there. */
export class OtelInstruments {
  /** Keeps the attributes few, over all runs. */
  readonly labels = new BoundedLabels();
  /** A collection asks those that are asked of these. */
  readonly tellers = new RunTellers<Readings>();
  readonly #histograms = new Map<HistogramName, Histogram>();
  /** Over all runs of the meter, as a counter goes on where another run begins. */
  readonly #tallies = new OtelTallies<CounterName | GaugeName>();

  /** @throws what the meter throws. */
  static of(meter: Meter): OtelInstruments {
    const instruments = made.get(meter) ?? new OtelInstruments(meter);
    made.set(meter, instruments);
    return instruments;
  }

  private constructor(meter: Meter) {
    const advice = { explicitBucketBoundaries: [...secondsBuckets] };
    for (const [name, [unit, description]] of each(histograms))
      this.#histograms.set(name, meter.createHistogram(name, { unit, description, advice }));
    const observed = new Map<CounterName | GaugeName | ObservableName, Observable>();
    for (const [name, [unit, description]] of each(counters))
      observed.set(name, meter.createObservableCounter(name, { unit, description }));
    for (const [name, description] of each(gauges))
      observed.set(name, meter.createObservableGauge(name, { description }));
    for (const [name, [unit, description]] of each(observables)) {
      const options = { unit, description };
      const isSum = summed.includes(name);
      observed.set(
        name,
        isSum ? meter.createObservableUpDownCounter(name, options) : meter.createObservableGauge(name, options),
      );
    }
    meter.addBatchObservableCallback(
      (result) => {
        const observe = (
          name: CounterName | GaugeName | ObservableName,
          value: number,
          attributes: Attributes,
        ): void => {
          const instrument = observed.get(name);
          if (instrument !== undefined) result.observe(instrument, value, attributes);
        };
        this.#tallies.read(observe);
        for (const [, readings] of this.tellers)
          readings((name, value, attributes) => {
            if (value !== null) observe(name, value, attributes);
          });
      },
      [...observed.values()],
    );
  }

  count(name: CounterName, attributes: Attributes, by = 1): void {
    this.#tallies.add(name, attributes, by);
  }

  observe(name: HistogramName, attributes: Attributes, seconds: number): void {
    this.#histograms.get(name)?.record(seconds, attributes);
  }

  set(name: GaugeName, attributes: Attributes, value: number): void {
    this.#tallies.set(name, attributes, value);
  }
}

function each<Name extends string, Described>(kinds: Readonly<Record<Name, Described>>): [Name, Described][] {
  return Object.entries(kinds) as [Name, Described][];
}
