import type { CircuitState } from '../../src/breaker/index.ts';
import type { StepClock } from './step-clock.ts';

export interface NaiveOptions {
  readonly window:
    { readonly type: 'count'; readonly size: number } | { readonly type: 'time'; readonly sizeMs: number };
  readonly minimum: number;
  readonly failureThreshold: number;
  readonly slow: { readonly durationMs: number; readonly threshold: number } | undefined;
  readonly waitMs: (attempt: number) => number;
  readonly halfOpenCalls: number;
  readonly halfOpenMs: number;
  readonly recordFailure: (error: unknown) => boolean;
}

interface NaiveCall {
  readonly atMs: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

/** The rules of the breaker once more, with plain lists and no care for cost. Every time is a whole number. */
export class NaiveBreaker {
  state: CircuitState = 'closed';
  onTransition: (change: string) => void = () => undefined;
  readonly #options: NaiveOptions;
  readonly #clock: StepClock;
  #waiting: string[] = [];
  #isTelling = false;
  #generation = 0;
  #attempt = 0;
  #untilMs = 0;
  #admitted = 0;
  #notPermitted = 0;
  #calls: NaiveCall[] = [];
  #endWaiting: () => void = () => undefined;

  constructor(options: NaiveOptions, clock: StepClock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** As it would be in another process that took it over at this moment. */
  restored(): NaiveBreaker {
    const other = new NaiveBreaker(this.#options, this.#clock);
    other.state = this.state;
    other.#attempt = this.#attempt;
    if (this.state === 'open') other.#untilMs = Math.max(this.#clock.now(), this.#untilMs);
    if (this.state === 'half-open') other.#awaitVerdicts();
    if (this.state === 'closed' || this.state === 'metrics-only') other.#calls = this.#recent();
    // Its own permits are lost with it.
    this.#endWaiting();
    this.#generation++;
    return other;
  }

  wouldPermit(): boolean {
    const nowMs = this.#clock.now();
    if (this.state === 'open') return nowMs >= this.#untilMs;
    if (this.state === 'half-open') return this.#admitted < this.#options.halfOpenCalls && nowMs < this.#untilMs;
    return this.state !== 'forced-open';
  }

  get retryAfterMs(): number | null {
    if (this.state === 'open') return Math.max(0, this.#untilMs - this.#clock.now());
    return this.wouldPermit() ? 0 : null;
  }

  tryAcquire() {
    this.#endLate();
    if (!this.wouldPermit()) {
      this.#notPermitted++;
      return undefined;
    }
    const waited = this.state === 'open';
    if (waited) {
      this.#enter('half-open');
      this.#awaitVerdicts();
    }
    this.#admitted++;
    const permit = this.#permit();
    if (waited) this.#tell('open > half-open');
    return permit;
  }

  get metrics() {
    this.#calls = this.#recent();
    return {
      bufferedCalls: this.#calls.length,
      failedCalls: this.#calls.filter(({ failed }) => failed).length,
      slowCalls: this.#calls.filter(({ slow }) => slow).length,
      notPermittedCalls: this.#notPermitted,
    };
  }

  forceOpen(): void {
    this.#change('forced-open');
  }
  disable(): void {
    this.#change('disabled');
  }
  metricsOnly(): void {
    this.#change('metrics-only');
  }
  reset(): void {
    this.#change('closed');
  }

  #permit() {
    const [generation, startedMs] = [this.#generation, this.#clock.now()];
    let isUsed = false;
    const once = (settle: () => void) => () => {
      if (!isUsed && generation === this.#generation) settle();
      isUsed = true;
    };
    const release = () => {
      this.#admitted--;
    };
    const record = (failed: boolean) => {
      this.#endLate();
      if (generation === this.#generation) this.#record(startedMs, failed);
    };
    return {
      success: once(() => {
        record(false);
      }),
      failure: once(() => {
        isUsed = true;
        const counts = this.#countsFailure();
        if (counts) record(true);
        else if (generation === this.#generation) release();
      }),
      release: once(release),
    };
  }

  #countsFailure(): boolean {
    try {
      return this.#options.recordFailure(undefined);
    } catch {
      return true;
    }
  }

  #record(startedMs: number, failed: boolean): void {
    if (this.state === 'disabled') return;
    const { window, slow, halfOpenCalls, minimum } = this.#options;
    const atMs = this.#clock.now();
    this.#calls = [
      ...this.#recent(),
      { atMs, failed, slow: slow !== undefined && atMs - startedMs >= slow.durationMs },
    ];
    if (this.state === 'half-open') {
      if (this.#calls.length < halfOpenCalls) return;
      if (this.#isBroken()) this.#open();
      else this.#change('closed');
      return;
    }
    if (window.type === 'count') this.#calls = this.#calls.slice(-window.size);
    if (this.state === 'closed' && this.#calls.length >= minimum && this.#isBroken()) this.#open();
  }

  #recent(): NaiveCall[] {
    const { window } = this.#options;
    if (window.type === 'count' || this.state === 'open' || this.state === 'half-open') return this.#calls;
    return this.#calls.filter(({ atMs }) => this.#clock.now() - atMs < window.sizeMs);
  }

  #isBroken(): boolean {
    const { failureThreshold, slow } = this.#options;
    const { bufferedCalls, failedCalls, slowCalls } = this.metrics;
    return (
      failedCalls * 100 >= failureThreshold * bufferedCalls ||
      (slow !== undefined && slowCalls * 100 >= slow.threshold * bufferedCalls)
    );
  }

  #awaitVerdicts(): void {
    this.#untilMs = this.#clock.now() + this.#options.halfOpenMs;
    this.#endWaiting = this.#clock.setTimeout(() => {
      this.#open();
    }, this.#options.halfOpenMs);
  }

  /** The timer is late: the loop was blocked. */
  #endLate(): void {
    if (this.state === 'half-open' && this.#clock.now() >= this.#untilMs) this.#open();
  }

  #open(): void {
    const attempt = this.#attempt + 1;
    const from = this.state;
    this.#enter('open');
    this.#attempt = attempt;
    this.#untilMs = this.#clock.now() + this.#options.waitMs(attempt);
    this.#tell(`${from} > open`);
  }

  #change(state: CircuitState): void {
    const from = this.state;
    if (from === state && state !== 'closed') return;
    this.#enter(state);
    if (from !== state) this.#tell(`${from} > ${state}`);
  }

  #enter(state: CircuitState): void {
    this.#endWaiting();
    // Closed keeps its figures when it opens; a half-open sample is nothing to keep.
    if (!(this.state === 'closed' && state === 'open')) this.#calls = [];
    if (state !== 'open' && state !== 'half-open') this.#attempt = 0;
    this.state = state;
    this.#generation++;
    this.#admitted = 0;
    this.#notPermitted = 0;
  }

  /** A change that a listener makes is told after the one that it hears. */
  #tell(change: string): void {
    this.#waiting.push(change);
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.onTransition(next);
    this.#isTelling = false;
  }
}
