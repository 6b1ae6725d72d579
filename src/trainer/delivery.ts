import type { Observer } from 'rxjs';
import type { ContainedEvents } from '../callbacks/index.ts';
import type { Clock } from '../clock/index.ts';
import type { JournalledEvent, Overhead, RunEvent } from '../events/index.ts';
import { overheadOf, type Share } from './overhead.ts';
import type { Registration } from './registration.ts';
import { StepSampling } from './step-sampling.ts';
import { SynchronousTime } from './synchronous-time.ts';

interface DeliveryOptions {
  readonly clock: Clock;
  /** Takes note of an event before anybody gets it. */
  readonly record: (event: JournalledEvent) => void;
  /** Gets every event last: what it does is not counted as Pitwall's. */
  readonly tools: Pick<Observer<RunEvent>, 'next'>;
  readonly onSlow: (callback: string, durationMs: number, event: string) => void;
  /** The run's steps before its first event here. */
  readonly stepsBefore: number;
}

/** Hands events to the callbacks in the order of their registration, and times each of them. */
export class Delivery<M> {
  readonly #clock: Clock;
  readonly #record: (event: JournalledEvent) => void;
  readonly #tools: Pick<Observer<RunEvent>, 'next'>;
  readonly #onSlow: (callback: string, durationMs: number, event: string) => void;
  readonly #sampling = new StepSampling();
  readonly #deliveriesTime = new SynchronousTime();
  /** Of those that left, added up by name: callbacks may come and go without end. */
  readonly #pastMs = new Map<string, number>();
  /** Replaced at each change, so that a delivery goes to those who were there when it began. */
  #present: readonly Registration<M>[] = [];
  /** Where their steps go. */
  #outlets: readonly ContainedEvents<RunEvent>[] = [];
  readonly #stepsBefore: number;
  #steps: number;
  /** What is being delivered. */
  #delivered: RunEvent | undefined;
  /** What was timed for itself, so that it is not counted again in the delivery around it. */
  #measuredMs = 0;

  constructor({ clock, record, tools, onSlow, stepsBefore }: DeliveryOptions) {
    this.#clock = clock;
    this.#record = record;
    this.#tools = tools;
    this.#onSlow = onSlow;
    this.#stepsBefore = stepsBefore;
    this.#steps = stepsBefore;
  }

  /** How many steps the run has done. */
  get steps(): number {
    return this.#steps;
  }

  /** The `seq` of what is being delivered; `undefined` between two deliveries, and in that of a step. */
  get deliveredSeq(): number | undefined {
    return this.#delivered === undefined || this.#delivered.type === 'step' ? undefined : this.#delivered.seq;
  }

  get present(): readonly Registration<M>[] {
    return this.#present;
  }

  add(registration: Registration<M>): void {
    registration.stepsBefore = this.#steps;
    this.#setPresent([...this.#present, registration]);
  }

  remove(registration: Registration<M>): void {
    if (!this.#present.includes(registration)) return;
    this.#setPresent(this.#present.filter((other) => other !== registration));
    const { name, time, steps } = this.#shareOf(registration);
    this.#pastMs.set(name, (this.#pastMs.get(name) ?? 0) + time.totalMs(steps));
  }

  deliver(event: RunEvent): void {
    this.#delivered = event;
    if (event.type !== 'step') this.#deliverTimed(event);
    else {
      this.#steps++;
      if (this.#sampling.next()) this.#deliverTimed(event);
      else for (const outlet of this.#outlets) outlet.next(event);
    }
    this.#delivered = undefined;
    this.#tools.next(event);
  }

  /** Times what a callback does: outside a delivery, or what is rare in one of which only a sample is timed. */
  measure<T>(registration: Registration<M>, event: string, work: () => T): T {
    const fromMs = this.#clock.now();
    try {
      return work();
    } finally {
      const untilMs = this.#clock.now();
      const tookMs = untilMs - fromMs;
      this.#measuredMs += tookMs;
      if (registration.time.add(false, tookMs, untilMs))
        this.#onSlow(registration.name, tookMs, this.#delivered?.type ?? event);
      this.#deliveriesTime.add(false, tookMs, untilMs);
    }
  }

  /** What all deliveries so far have cost the training thread. */
  overhead(trainingMs: number): Overhead {
    return overheadOf({
      shares: this.#present.map((registration) => this.#shareOf(registration)),
      pastMs: this.#pastMs,
      deliveries: this.#deliveriesTime,
      steps: this.#steps - this.#stepsBefore,
      trainingMs,
    });
  }

  #setPresent(present: readonly Registration<M>[]): void {
    this.#present = present;
    this.#outlets = present.map(({ events }) => events);
  }

  #deliverTimed(event: RunEvent): void {
    const isStep = event.type === 'step';
    const begunMs = this.#clock.now();
    const measuredBeforeMs = this.#measuredMs;
    if (!isStep) this.#record(event);
    let fromMs = this.#clock.now();
    for (const registration of this.#present) {
      const measuredMs = this.#measuredMs;
      registration.next(event);
      const untilMs = this.#clock.now();
      const tookMs = untilMs - fromMs - (this.#measuredMs - measuredMs);
      if (registration.time.add(isStep, tookMs, untilMs)) this.#onSlow(registration.name, tookMs, event.type);
      fromMs = untilMs;
    }
    this.#deliveriesTime.add(isStep, fromMs - begunMs - (this.#measuredMs - measuredBeforeMs), fromMs);
  }

  #shareOf({ name, time, stepsBefore }: Registration<M>): Share {
    return { name, time, steps: this.#steps - stepsBefore };
  }
}
