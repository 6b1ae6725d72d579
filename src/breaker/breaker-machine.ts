import type { Clock } from '../clock/index.ts';
import { admits, retryAfterMsOf } from './admission.ts';
import type { BreakerSettings } from './breaker-options.ts';
import { snapshotOfPast, type BreakerPast } from './breaker-past.ts';
import { awayMs, snapshotOf, stateOf, type CircuitBreakerSnapshot } from './breaker-snapshot.ts';
import type { CallWindow } from './call-window.ts';
import type { BreakerTransition, CircuitState, Figures, HalfOpenState, OpenState, StateData } from './circuit-state.ts';
import { CountWindow } from './count-window.ts';
import { halfOpenState } from './half-open.ts';
import { askWaitMs } from './open-wait.ts';
import { IssuedPermit, type Permit, type PermitIssuer, type RecordFailure } from './permit.ts';
import { isBroken, whyBroken } from './thresholds.ts';
import { TimeWindow } from './time-window.ts';

/** A change as the machine tells it: when it was is the shell's to add. */
export type StateChange = Omit<BreakerTransition, 'at'>;

/**
 * What a circuit breaker decides: whom it admits, what counts, when it changes its state.
 *
 * It has no timers and no streams. `announce` is called last in whatever changes the state, so that a listener may call the
 * machine again; and only `expire` must be called from outside, at `deadlineMs`.
 */
export class BreakerMachine implements PermitIssuer {
  readonly #settings: BreakerSettings;
  readonly #clock: Clock;
  readonly #announce: (change: StateChange) => void;
  readonly #window: CallWindow;
  readonly #timesCalls: boolean;
  readonly #timesWindow: boolean;
  #state: StateData = { kind: 'closed' };
  /** A permit of an earlier generation changes nothing. */
  #generation = 0;
  #notPermitted = 0;

  constructor(settings: BreakerSettings, announce: (change: StateChange) => void) {
    const { slidingWindow } = settings;
    this.#settings = settings;
    this.#clock = settings.clock;
    this.#announce = announce;
    this.#timesCalls = settings.slowCallDurationMs !== undefined;
    this.#timesWindow = slidingWindow.type === 'time';
    this.#window =
      slidingWindow.type === 'time' ? new TimeWindow(slidingWindow.sizeMs) : new CountWindow(slidingWindow.size);
  }

  get state(): CircuitState {
    return this.#state.kind;
  }

  /** When half-open ends by itself, monotonic; `undefined` in every other state. */
  get deadlineMs(): number | undefined {
    return this.#state.kind === 'half-open' ? this.#state.deadlineMs : undefined;
  }

  get notPermittedCalls(): number {
    return this.#notPermitted;
  }

  /** The half-open sample, or else the window: open keeps that of the closed state as it was. */
  get figures(): Readonly<Figures> {
    const state = this.#state;
    if (state.kind === 'half-open') return state.sample;
    if (this.#timesWindow && state.kind !== 'open') this.#window.forget(this.#clock.now());
    return this.#window.figures;
  }

  /** From how many calls on the present figures say something. */
  get minimumVolume(): number {
    return this.#state.kind === 'half-open' ? this.#settings.halfOpenCalls : this.#settings.minimumNumberOfCalls;
  }

  get retryAfterMs(): number | null {
    return retryAfterMsOf(this.#state, this.#settings);
  }

  wouldPermit(): boolean {
    return admits(this.#state, this.#settings);
  }

  tryAcquire(): Permit | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
      case 'disabled':
      case 'metrics-only':
        return this.#issue();
      case 'open':
        if (this.#clock.now() >= state.retryAtMs) return this.#probe(state);
        break;
      case 'half-open':
        if (this.#endsLate(state)) return this.tryAcquire();
        if (state.admitted === this.#settings.halfOpenCalls) break;
        state.admitted++;
        return this.#issue();
      case 'forced-open':
        break;
    }
    this.#notPermitted++;
    return undefined;
  }

  succeeded(generation: number, startedAtMs: number): void {
    if (generation === this.#generation) this.#record(startedAtMs, false);
  }

  failed(generation: number, startedAtMs: number, error: unknown, otherwise: RecordFailure | undefined): void {
    if (generation !== this.#generation) return;
    const counts = this.#counts(error, otherwise);
    // Asking has run the user's code, which may have changed the state.
    if (!counts) this.released(generation);
    else if (generation === this.#generation) this.#record(startedAtMs, true);
  }

  released(generation: number): void {
    if (generation === this.#generation && this.#state.kind === 'half-open') this.#state.admitted--;
  }

  /** Half-open did not get its verdicts in time: that attempt has failed. */
  expire(): void {
    const state = this.#state;
    if (state.kind !== 'half-open') return;
    const { halfOpenCalls, halfOpenMs } = this.#settings;
    this.#open(
      state.attempt + 1,
      `half-open got ${state.sample.calls} of ${halfOpenCalls} verdicts in ${halfOpenMs} ms`,
    );
  }

  /** Changes the state because somebody asked; to be in it already changes nothing. */
  force(kind: 'forced-open' | 'disabled' | 'metrics-only', reason: string): void {
    if (this.#state.kind !== kind) this.#change({ kind }, reason);
  }

  /** Begins anew: closed and with nothing counted, also when it was closed already. */
  reset(reason: string): void {
    if (this.#state.kind !== 'closed') this.#change({ kind: 'closed' }, reason);
    else this.#enter({ kind: 'closed' });
  }

  snapshot(): CircuitBreakerSnapshot {
    return snapshotOf(this.#state, this.#window, this.#clock);
  }

  /** Takes over a snapshot's state; nothing is announced. Only for a machine that nobody has used yet. */
  restore(snapshot: CircuitBreakerSnapshot): void {
    this.#enter(stateOf(snapshot, this.#settings));
    if ('window' in snapshot) this.#window.load(snapshot.window, this.#clock.now(), awayMs(snapshot, this.#clock));
  }

  /** Goes on where the record of another machine ends, unless it has been used itself. */
  recall(past: BreakerPast, otherwise: RecordFailure): void {
    if (this.#generation > 0 || this.#window.figures.calls > 0) return;
    this.restore(snapshotOfPast(past, this.#settings, (error) => this.#counts(error, otherwise)));
  }

  #issue(): Permit {
    return new IssuedPermit(this, this.#generation, this.#timesCalls ? this.#clock.now() : 0);
  }

  /** The wait is over: this very call is the first of the sample, before a listener can take its place. */
  #probe({ attempt, waitMs }: OpenState): Permit {
    const state = halfOpenState(attempt, this.#settings);
    state.admitted = 1;
    this.#enter(state);
    const permit = this.#issue();
    this.#announce({ from: 'open', to: 'half-open', reason: `the wait of ${waitMs} ms is over` });
    return permit;
  }

  #record(startedAtMs: number, failed: boolean): void {
    const state = this.#state;
    if (state.kind === 'half-open') {
      this.#recordInSample(state, startedAtMs, failed);
    } else if (state.kind !== 'disabled') {
      const nowMs = this.#timesCalls || this.#timesWindow ? this.#clock.now() : 0;
      this.#window.record(failed, this.#isSlow(startedAtMs, nowMs), nowMs);
      if (state.kind === 'closed') this.#judgeWindow();
    }
  }

  #recordInSample(state: HalfOpenState, startedAtMs: number, failed: boolean): void {
    if (this.#endsLate(state)) return;
    const { sample, attempt } = state;
    sample.calls++;
    if (failed) sample.failed++;
    if (this.#isSlow(startedAtMs, this.#clock.now())) sample.slow++;
    if (sample.calls < this.#settings.halfOpenCalls) return;
    if (isBroken(sample, this.#settings)) this.#open(attempt + 1, `in half-open ${whyBroken(sample, this.#settings)}`);
    else this.#change({ kind: 'closed' }, `in half-open ${sample.failed} of ${sample.calls} calls failed`);
  }

  #judgeWindow(): void {
    const { figures } = this.#window;
    if (figures.calls >= this.#settings.minimumNumberOfCalls && isBroken(figures, this.#settings))
      this.#open(1, whyBroken(figures, this.#settings));
  }

  #isSlow(startedAtMs: number, nowMs: number): boolean {
    const { slowCallDurationMs } = this.#settings;
    return slowCallDurationMs !== undefined && nowMs - startedAtMs >= slowCallDurationMs;
  }

  #counts(error: unknown, otherwise: RecordFailure | undefined): boolean {
    const recordFailure = this.#settings.recordFailure ?? otherwise;
    if (recordFailure === undefined) return true;
    try {
      const counts: unknown = recordFailure(error);
      // A promise says nothing now, and nobody awaits it: what it rejects with must not end the process.
      if (counts instanceof Promise) counts.catch(() => undefined);
      return counts !== false;
    } catch {
      return true;
    }
  }

  /** A blocked loop fires the deadline's timer late; what comes after the deadline is late all the same. */
  #endsLate({ deadlineMs }: HalfOpenState): boolean {
    if (this.#clock.now() < deadlineMs) return false;
    this.expire();
    return true;
  }

  #open(attempt: number, reason: string): void {
    const generation = this.#generation;
    const { waitMs, note } = askWaitMs(this.#settings.waitMs, attempt);
    // Asking has run the user's code: what it has changed itself stands.
    if (generation !== this.#generation) return;
    this.#change({ kind: 'open', attempt, waitMs, retryAtMs: this.#clock.now() + waitMs }, reason + note);
  }

  #change(state: StateData, reason: string): void {
    const from = this.#state.kind;
    this.#enter(state);
    this.#announce({ from, to: state.kind, reason });
  }

  #enter(state: StateData): void {
    this.#state = state;
    this.#generation++;
    this.#notPermitted = 0;
    if (state.kind !== 'open') this.#window.clear();
  }
}
