import type { CircuitState } from '../../src/breaker/index.ts';

export interface NaiveOptions {
  readonly window:
    { readonly type: 'count'; readonly size: number } | { readonly type: 'time'; readonly sizeMs: number };
  readonly minimum: number;
  readonly failureThreshold: number;
  readonly slow: { readonly durationMs: number; readonly threshold: number } | undefined;
  readonly waitMs: (attempt: number) => number;
  readonly halfOpenCalls: number;
  readonly halfOpenMs: number;
}

interface NaiveCall {
  readonly atMs: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

export interface NaivePermit {
  readonly generation: number;
  readonly startedMs: number;
  used: boolean;
}

/** The rules of the breaker once more, with plain lists and no care for cost. Every time is a whole number. */
export class NaiveBreaker {
  state: CircuitState = 'closed';
  notPermitted = 0;
  readonly transitions: string[] = [];
  readonly #options: NaiveOptions;
  #generation = 0;
  #attempt = 0;
  #untilMs = 0;
  #admitted = 0;
  #calls: NaiveCall[] = [];

  constructor(options: NaiveOptions) {
    this.#options = options;
  }

  /** Must be called with every time that comes, in order. */
  at(nowMs: number): void {
    if (this.state === 'half-open' && nowMs >= this.#untilMs) this.#open(this.#untilMs);
    const { window } = this.#options;
    if (window.type === 'time' && (this.state === 'closed' || this.state === 'metrics-only'))
      this.#calls = this.#calls.filter(({ atMs }) => nowMs - atMs < window.sizeMs);
  }

  wouldPermit(nowMs: number): boolean {
    if (this.state === 'open') return nowMs >= this.#untilMs;
    if (this.state === 'half-open') return this.#admitted < this.#options.halfOpenCalls;
    return this.state !== 'forced-open';
  }

  retryAfterMs(nowMs: number): number | null {
    if (this.state === 'open') return Math.max(0, this.#untilMs - nowMs);
    return this.wouldPermit(nowMs) ? 0 : null;
  }

  acquire(nowMs: number): NaivePermit | undefined {
    if (!this.wouldPermit(nowMs)) {
      this.notPermitted++;
      return undefined;
    }
    if (this.state === 'open') {
      this.#to('half-open');
      this.#untilMs = nowMs + this.#options.halfOpenMs;
    }
    this.#admitted++;
    return { generation: this.#generation, startedMs: nowMs, used: false };
  }

  settle(permit: NaivePermit, outcome: 'success' | 'failure' | 'release', nowMs: number): void {
    if (permit.used) return;
    permit.used = true;
    if (permit.generation !== this.#generation || this.state === 'disabled') return;
    if (outcome === 'release') {
      this.#admitted--;
      return;
    }
    const { window, slow, halfOpenCalls, minimum } = this.#options;
    const isSlow = slow !== undefined && nowMs - permit.startedMs >= slow.durationMs;
    this.#calls.push({ atMs: nowMs, failed: outcome === 'failure', slow: isSlow });
    if (this.state === 'half-open') {
      if (this.#calls.length < halfOpenCalls) return;
      if (this.#isBroken()) this.#open(nowMs);
      else this.#to('closed');
      return;
    }
    if (window.type === 'count') this.#calls = this.#calls.slice(-window.size);
    if (this.state === 'closed' && this.#calls.length >= minimum && this.#isBroken()) this.#open(nowMs);
  }

  ask(state: 'forced-open' | 'disabled' | 'metrics-only' | 'closed'): void {
    if (this.state !== state || state === 'closed') this.#to(state);
  }

  figures() {
    return {
      bufferedCalls: this.#calls.length,
      failedCalls: this.#calls.filter(({ failed }) => failed).length,
      slowCalls: this.#calls.filter(({ slow }) => slow).length,
      notPermittedCalls: this.notPermitted,
    };
  }

  #isBroken(): boolean {
    const { failureThreshold, slow } = this.#options;
    const { bufferedCalls, failedCalls, slowCalls } = this.figures();
    return (
      failedCalls * 100 >= failureThreshold * bufferedCalls ||
      (slow !== undefined && slowCalls * 100 >= slow.threshold * bufferedCalls)
    );
  }

  #open(nowMs: number): void {
    const attempt = this.#attempt + 1;
    this.#to('open');
    this.#attempt = attempt;
    this.#untilMs = nowMs + this.#options.waitMs(attempt);
  }

  #to(state: CircuitState): void {
    if (this.state !== state) this.transitions.push(`${this.state} > ${state}`);
    // Closed keeps its figures when it opens; a half-open sample is nothing to keep.
    if (!(this.state === 'closed' && state === 'open')) this.#calls = [];
    if (state !== 'open' && state !== 'half-open') this.#attempt = 0;
    this.state = state;
    this.#generation++;
    this.#admitted = 0;
    this.notPermitted = 0;
  }
}
