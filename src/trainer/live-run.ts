import { EMPTY, type Observable } from 'rxjs';
import { CheckpointPins, numberIn, type Callback, type RunState } from '../callbacks/index.ts';
import { ConfigurationError } from '../errors/index.ts';
import type { EventBody, JournalledEvent, Overhead, RunEvent } from '../events/index.ts';
import { abandonedEnd, Bookings } from './bookings.ts';
import { Delivery } from './delivery.ts';
import { Emission } from './emission.ts';
import { errorTold } from './error-told.ts';
import type { Outcome } from './outcome.ts';
import { requireOwnFiles } from './own-files.ts';
import { Registration, type RegistrationHost } from './registration.ts';
import { ImpactWatch } from './impact-watch.ts';
import { emptyRunFold, foldRun, type RunFold } from './run-fold.ts';
import { requireUnchanged, type RunConfig } from './resume/changed-config.ts';
import { endOfLost } from './resume/end-of-lost.ts';
import { foldOfPast } from './resume/fold-of-past.ts';
import type { OpenedPast } from './resume/open-past.ts';
import type { Past } from './resume/past.ts';
import type { ResumePoint } from './resume/resume-point.ts';
import { openRunJournal, type JournalHandle } from './run-journal.ts';
import { Scales } from './scales.ts';
import { StopSwitch } from './stop-switch.ts';
import { Tools } from './tools.ts';
import { toldSettings, type TrainerSettings } from './trainer-options.ts';

/** How long the end of an evaluation may be missing once its callback has failed: then the run tells it. */
const abandonedAfterMs = 5_000;

/** Told after `run:end` too, because what goes wrong at the very end is told nowhere else. */
const diagnoses: readonly string[] = ['callback:error', 'callback:slow', 'dropped'];

/** A run holds its process alive, and nothing else of Pitwall does: the longest timer there is. */
const keepAliveMs = 2 ** 31 - 1;

/** `ending` is from `run:end` on. */
type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'training'; readonly journal: JournalHandle; readonly begunMs: number }
  | { readonly kind: 'draining'; readonly journal: JournalHandle }
  | { readonly kind: 'ending'; readonly journal: JournalHandle }
  | { readonly kind: 'ended' };

/** One run from its registrations to its outcome: the shell around emission, delivery, bookings and journal. */
export class LiveRun<M> {
  /** Hot, without replay; completes after `run:end`. */
  readonly events$: Observable<RunEvent>;
  readonly stopSwitch = new StopSwitch();
  readonly #settings: TrainerSettings;
  readonly #tools = new Tools();
  readonly #registrations = new Map<string, Registration<M>>();
  readonly #leaving = new Set<Registration<M>>();
  readonly #bookings = new Bookings<Registration<M>>();
  readonly #toldOnce = new Set<string>();
  readonly #holds = new Set<Promise<unknown>>();
  readonly #timers = new Set<() => void>();
  readonly #pins = new CheckpointPins();
  readonly #numbers: Map<string, number>;
  readonly #scales: Scales;
  readonly #emission: Emission;
  readonly #delivery: Delivery<M>;
  readonly #impact: ImpactWatch;
  #phase: Phase = { kind: 'waiting' };
  /** Where the training goes on. */
  readonly from: Pick<ResumePoint, 'epoch' | 'step' | 'isWhole'>;
  readonly #opened: OpenedPast | undefined;
  #fold: RunFold;
  #cancelReason: string | undefined;
  /** By `stop`: the directive of a callback cancels nothing. */
  #isStopped = false;
  #whenDrained: (() => void) | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  /** @param opened of a run that goes on where another process left it */
  constructor(settings: TrainerSettings, opened?: OpenedPast) {
    const { runId, clock } = settings;
    this.#settings = settings;
    this.#opened = opened;
    this.from = opened?.past?.from ?? { epoch: 0, step: 0, isWhole: true };
    this.#numbers = new Map(opened?.past?.numbers);
    this.#scales = new Scales(opened?.past?.history);
    this.#fold = opened?.past === undefined ? emptyRunFold : foldOfPast(opened.past);
    this.events$ = this.#tools.events$;
    this.#delivery = new Delivery<M>({
      clock,
      record: (event) => {
        this.#record(event);
      },
      tools: this.#tools,
      onSlow: (callback, durationMs, event) => {
        this.#emission.publish({ type: 'callback:slow', callback, durationMs, event });
      },
      stepsBefore: this.from.step,
    });
    this.#emission = new Emission({
      runId,
      clock,
      deliver: (event) => {
        this.#delivery.deliver(event);
      },
      onIdle: () => {
        for (const registration of this.#leaving) registration.endWhenQuiet();
        if (this.#bookings.size === 0) this.#whenDrained?.();
      },
      lastSeq: opened?.past?.lastSeq ?? 0,
    });
    this.#impact = new ImpactWatch({ clock, overhead: () => this.#overhead(), seed: runId });
  }

  get state(): RunState<M> {
    const { epoch, metrics, checkpoint, evaluationsInFlight, evaluations } = this.#fold;
    return {
      epoch,
      step: this.#delivery.steps,
      metrics: metrics as M | undefined,
      ...(checkpoint && { checkpoint }),
      evaluationsInFlight,
      evaluations,
    };
  }

  /** @throws {ConfigurationError} for a second callback of the same name or with the same files, and once the run has ended. */
  register(callback: Callback<M>): { readonly unregister: () => void } {
    const { name } = callback;
    if (this.#registrations.has(name))
      throw new ConfigurationError(
        `A callback named "${name}" is registered already: give each its own name, or unregister the other before.`,
      );
    requireOwnFiles(callback, this.#registrations.values());
    if (this.#hasEnded())
      throw new ConfigurationError(
        `The run has ended, so "${name}" cannot be registered: register before or during it.`,
      );
    const registration = new Registration(callback, this.#host());
    this.#registrations.set(name, registration);
    if (this.#phase.kind !== 'waiting')
      this.#emission.inTurn(() => {
        this.#connect(registration);
      });
    return {
      unregister: () => {
        registration.leave();
      },
    };
  }

  /**
   * Begins: opens the journal, connects the callbacks, emits `run:start`, or `run:resume`.
   *
   * @throws {ConfigurationError} when it has begun already, and for a resumed run that is made otherwise than it was.
   */
  begin(): void {
    const { name, epochs, clock } = this.#settings;
    if (this.#phase.kind !== 'waiting')
      throw new ConfigurationError(
        `The trainer "${name}" has begun its run already, and a trainer is for one run: make a new Trainer for the next.`,
      );
    const past = this.#opened?.past;
    const early = [...this.#registrations.values()];
    const callbacks = Object.fromEntries(early.map((registration) => [registration.name, registration.config]));
    const config = { ...toldSettings(this.#settings), callbacks };
    if (past !== undefined && !this.#settings.allowChanged) this.#requireUnchanged(past, { epochs, config });
    const onError = (error: unknown): void => {
      this.#tellError('journal', error);
    };
    const journal = openRunJournal(this.#settings, onError, this.#opened?.lock);
    this.#phase = { kind: 'training', journal, begunMs: clock.now() };
    this.#keepAlive = setInterval(() => undefined, keepAliveMs);
    if (past === undefined) {
      for (const registration of early) this.#connect(registration);
      this.#emission.open({ type: 'run:start', name, epochs, config });
    } else {
      for (const lost of past.abandoned) journal.append(this.#emission.stamped(endOfLost(lost)));
      for (const lost of past.lost) this.#emission.publish(endOfLost(lost));
      for (const message of this.#opened?.passedOver ?? []) this.#tellError('resume', new Error(message));
      for (const registration of early) this.#connect(registration, past);
      const { fromSeq, epoch: fromEpoch } = past.from;
      this.#emission.open({ type: 'run:resume', fromSeq, fromEpoch, epochs, config });
    }
  }

  publish(body: EventBody): void {
    this.#emission.publish(body);
  }

  /** The product of what callbacks have scaled under a name; 1 for nothing. */
  scaleOf(name: string): number {
    return this.#scales.of(name);
  }

  /** A run that is refused is let go, so that it can be resumed otherwise. */
  #requireUnchanged({ made }: Past, now: RunConfig): void {
    try {
      requireUnchanged(made, now);
    } catch (error) {
      this.#phase = { kind: 'ended' };
      void this.#opened?.lock.release();
      throw error;
    }
  }

  step(epoch: number, step: number, durationMs: number, metrics: Record<string, unknown> | undefined): void {
    this.#impact.stepped(durationMs);
    this.#emission.step(epoch, step, durationMs, metrics);
  }

  /** Asks the training to end, and what runs beside it to be cancelled. After `training:end` only the reason is kept. */
  stop(reason: string): void {
    if (!this.#stopTraining(reason)) return;
    this.#isStopped = true;
    this.#cancel(reason);
  }

  /** Ends the run after its last epoch: drains, tells `run:end`, closes everything. */
  async end(): Promise<Outcome> {
    if (this.#emission.delivering) await Promise.resolve(); // asked for by a callback: what is being delivered goes first
    const phase = this.#phase;
    if (phase.kind !== 'training') throw new ConfigurationError('A run that does not train cannot be ended.');
    const { journal } = phase;
    const steps = this.#delivery.steps;
    const overhead = this.#overhead();
    this.stopSwitch.trainingEnded();
    this.#impact.trainingEnded();
    this.#phase = { kind: 'draining', journal };
    this.#emission.publish({ type: 'training:end', epochs: this.#fold.epochsEnded, steps });
    if (this.#settings.drain === 'cancel') this.#cancel('the training has ended, and drain is "cancel"');
    await this.#drained();
    const unmeasured = this.#impact.whatIsUnmeasured();
    if (unmeasured !== undefined) this.#emission.publish({ type: 'sla:unmeasured', ...unmeasured });
    // Who heard that, or came before this went on, may have asked for one more: only what is asked for from here on is refused.
    while (!this.#isDrained()) await this.#drained();
    this.#phase = { kind: 'ending', journal };
    this.#tellRunEnd(steps, overhead);
    for (const registration of this.#delivery.present) registration.complete();
    while (this.#holds.size > 0) await Promise.allSettled(this.#holds);
    const count = await journal.close();
    if (count > 0) this.#emission.publish({ type: 'dropped', what: 'journal', count });
    this.#close();
    const { runId } = this.#settings;
    const { epochsEnded: epochs, evaluations } = this.#fold;
    return { ...this.stopSwitch.verdict, runId, epochs, steps, overhead, evaluations };
  }

  /** Resolves when no evaluation is in flight and nobody holds the run: what was held may have requested one, and the other way round. */
  async #drained(): Promise<void> {
    while (!this.#isDrained()) {
      if (this.#bookings.size === 0) await Promise.allSettled(this.#holds);
      else
        await new Promise<void>((resolve) => {
          this.#whenDrained = resolve;
        });
    }
  }

  #isDrained(): boolean {
    return this.#bookings.size === 0 && this.#holds.size === 0;
  }

  /** What callbacks have cost the training so far. */
  #overhead(): Overhead {
    const { clock } = this.#settings;
    return this.#delivery.overhead(this.#phase.kind === 'training' ? clock.now() - this.#phase.begunMs : 0);
  }

  /** @returns whether the training was still going on. Once `run:end` has told the reason, it stays. */
  #stopTraining(reason: string): boolean {
    return !this.#hasEnded() && this.stopSwitch.stop(reason);
  }

  /** Whether `run:end` has been told. */
  #hasEnded(): boolean {
    return this.#phase.kind === 'ending' || this.#phase.kind === 'ended';
  }

  #tellRunEnd(steps: number, overhead: Overhead): void {
    const { status, reason, error } = this.stopSwitch.verdict;
    const { epochsEnded: epochs, evaluations } = this.#fold;
    this.#emission.publish({
      type: 'run:end',
      epochs,
      steps,
      status,
      ...(reason !== undefined && { reason }),
      ...(status === 'failed' && { error: errorTold(error) }),
      evaluations,
      overhead,
    });
  }

  #close(): void {
    this.#phase = { kind: 'ended' };
    for (const registration of this.#registrations.values()) registration.close();
    clearInterval(this.#keepAlive);
    for (const cancelTimer of this.#timers) cancelTimer();
    this.#emission.close();
    this.#tools.complete();
  }

  #record(event: JournalledEvent): void {
    this.#fold = foldRun(this.#fold, event);
    if (event.type === 'evaluation:requested') this.#numbers.set(event.name, numberIn(event.evaluationId));
    if ('journal' in this.#phase) this.#phase.journal.append(event);
  }

  #connect(registration: Registration<M>, past?: Past): void {
    if (this.#registrations.get(registration.name) !== registration) return; // unregistered meanwhile
    this.#delivery.add(registration);
    if (this.#cancelReason !== undefined) registration.cancel(this.#cancelReason);
    registration.connect(past);
  }

  #cancel(reason: string): void {
    if (this.#cancelReason !== undefined) return;
    this.#cancelReason = reason;
    for (const registration of this.#delivery.present) registration.cancel(reason);
  }

  #tellError(callback: string, error: unknown): void {
    this.#emission.publish({ type: 'callback:error', callback, error: errorTold(error) });
  }

  /** Lets an event of a callback into the run, if it may still come. */
  #admit(body: EventBody, by: Registration<M>, isLive: boolean): boolean {
    return this.#bookings.admit(body, by, this.#mayBegin(body, isLive));
  }

  #mayBegin({ type }: EventBody, isLive: boolean): boolean {
    return isLive && (!this.#hasEnded() || diagnoses.includes(type));
  }

  /** Tells the ends that a callback which is over owes, unless they come in time. */
  #abandon(by: Registration<M>): void {
    if (this.#bookings.of(by).length === 0) return;
    const cancelTimer = this.#settings.clock.setTimeout(() => {
      this.#timers.delete(cancelTimer);
      for (const subject of this.#bookings.of(by)) {
        const end = abandonedEnd(subject);
        if (this.#bookings.admit(end, by, false)) this.#emission.publish(end);
      }
    }, abandonedAfterMs);
    this.#timers.add(cancelTimer);
  }

  #host(): RegistrationHost<M> {
    const { runId, name, epochs, clock, runFolder } = this.#settings;
    return {
      runId,
      name,
      epochs,
      clock,
      runFolder,
      pins: this.#pins,
      registered: () => [...this.#registrations.keys()],
      lastEnded: () => this.#fold.lastEnded,
      lastNumber: (of) => this.#numbers.get(of) ?? 0,
      state: () => this.state,
      durable$: () => ('journal' in this.#phase ? this.#phase.journal.durable$ : EMPTY),
      turn: () => this.#emission.turn,
      admits: (body, isLive) => this.#bookings.admits(body, this.#mayBegin(body, isLive)),
      isTold: (body) => this.#toldOnce.has(onceKey(body)),
      publish: (body, by, isLive) => {
        if (this.#admit(body, by, isLive)) this.#emission.publish(body);
      },
      publishOnce: (body, by, isLive) => {
        const key = onceKey(body);
        if (this.#toldOnce.has(key) || !this.#admit(body, by, isLive)) return;
        this.#toldOnce.add(key);
        this.#emission.publish(body);
      },
      tellError: (callback, error) => {
        this.#tellError(callback, error);
      },
      failRun: (error) => {
        this.stopSwitch.fail(error);
      },
      stopTraining: (reason) => {
        this.#stopTraining(reason);
      },
      scale: (directive, by) => {
        if (this.#phase.kind !== 'training') return; // nothing is left to be scaled
        const causedBySeq = this.#delivery.deliveredSeq;
        this.#emission.publish(this.#scales.apply(directive, { callback: by.name, causedBySeq }));
      },
      measure: (by, event, work) => this.#delivery.measure(by, event, work),
      course: () => {
        if (this.#hasEnded()) return 'over';
        if (this.#isStopped) return 'stopped';
        return this.stopSwitch.signal.aborted ? 'ending' : 'going';
      },
      hold: (work) => {
        const settled = (): void => void this.#holds.delete(work);
        this.#holds.add(work);
        work.then(settled, settled);
      },
      govern: (evaluation) => this.#impact.join(evaluation),
      hasInFlight: (by) => this.#bookings.of(by).length > 0,
      onLeft: (by) => {
        if (this.#registrations.get(by.name) === by) this.#registrations.delete(by.name);
        this.#leaving.add(by);
        this.#delivery.remove(by);
      },
      onOver: (by) => {
        this.#leaving.delete(by);
        this.#abandon(by);
      },
    };
  }
}

/** Two events with the same key say the same. */
function onceKey(body: EventBody): string {
  const { rule, why, value } = body as { rule?: unknown; why?: unknown; value?: unknown };
  return JSON.stringify([body.type, rule, why, value]);
}
