import { EMPTY, isObservable, Observable, ReplaySubject, Subscription } from 'rxjs';
import {
  contain,
  ContainedEvents,
  mistakeInScale,
  type Callback,
  type CallbackFiles,
  type CheckpointPins,
  type Containment,
  type Desk,
  type Governed,
  type Governing,
  type ResumedRun,
  type Run,
  type RunState,
  type ScaleDirective,
} from '../callbacks/index.ts';
import type { Clock } from '../clock/index.ts';
import { ConfigurationError, PitwallError, told } from '../errors/index.ts';
import { scaleEventName, type EventBody, type JournalledEvent, type RunEvent } from '../events/index.ts';
import { hasStepless } from '../operators/without-steps.ts';
import { SynchronousTime } from './synchronous-time.ts';

/** What one callback may emit in one drain of the queue. */
const emissionsPerTurn = 1_000;

/** What a registration asks of its run. */
export interface RegistrationHost<M> {
  readonly runId: string;
  readonly name: string;
  readonly epochs: number;
  readonly clock: Clock;
  readonly runFolder: string | undefined;
  readonly pins: CheckpointPins;
  registered(): readonly string[];
  lastEnded(): number;
  lastNumber(name: string): number;
  state(): RunState<M>;
  durable$(): Observable<number>;
  /** Changes with each drain of the queue. */
  turn(): number;
  /** Whether an event of the callback would come into the run now. */
  admits(body: EventBody, isLive: boolean): boolean;
  /** Whether {@link publishOnce} has told it. */
  isTold(body: EventBody): boolean;
  /** Adds an event that the callback answers for, if it may still; `isLive` is false once the callback is leaving or over. */
  publish(body: EventBody, by: Registration<M>, isLive: boolean): void;
  publishOnce(body: EventBody, by: Registration<M>, isLive: boolean): void;
  /** Tells `callback:error`. */
  tellError(callback: string, error: unknown): void;
  /** Ends the training because of a critical callback. */
  failRun(error: unknown): void;
  /** Ends the training because a callback asks for it. */
  stopTraining(reason: string): void;
  /** Multiplies what a callback asks for, and tells it, while the training goes on. */
  scale(directive: ScaleDirective, by: Registration<M>): void;
  measure<T>(by: Registration<M>, event: string, work: () => T): T;
  course(): NonNullable<Desk['course']>;
  hold(work: Promise<unknown>): void;
  govern(evaluation: Governed): Governing | undefined;
  /** Whether an evaluation is in flight that the callback answers for. */
  hasInFlight(by: Registration<M>): boolean;
  /** Called when the callback is no longer to get events. */
  onLeft(by: Registration<M>): void;
  /** Called when nothing of the callback is subscribed any more. */
  onOver(by: Registration<M>): void;
}

type Phase =
  | { readonly kind: 'registered' }
  | { readonly kind: 'live' }
  /** Unregistered, and its evaluations are being stopped. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'over' };

/** One callback in one run: what it gets, what it may do, and the walls around it. */
export class Registration<M> {
  readonly name: string;
  readonly time = new SynchronousTime();
  /** How many steps the run had when this one came. */
  stepsBefore = 0;
  readonly #callback: Callback<M>;
  readonly #host: RegistrationHost<M>;
  readonly #containment: Containment;
  /** What the callback gets: steps are put in here, all else by {@link next}. */
  readonly events: ContainedEvents<RunEvent>;
  /** For who does without the steps, which then cost it nothing. */
  readonly #stepless: ContainedEvents<JournalledEvent>;
  readonly #cancel$ = new ReplaySubject<string>(1);
  #phase: Phase = { kind: 'registered' };
  /** Of a run that goes on: what stood before, for who is here from its beginning. */
  #resumed: ResumedRun | undefined;
  /** History is being told: what comes of it is ignored. */
  #isRemembering = false;
  #turn = -1;
  #emittedInTurn = 0;

  constructor(callback: Callback<M>, host: RegistrationHost<M>) {
    this.name = callback.name;
    this.#callback = callback;
    this.#host = host;
    this.#containment = {
      onError: (error) => {
        this.fail(error);
      },
      subscriptions: new Subscription(),
    };
    this.events = new ContainedEvents(this.#containment);
    this.#stepless = new ContainedEvents(this.#containment);
    hasStepless(this.events.events$, this.#stepless.events$);
  }

  /** Told in `run:start`. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#callback.config ?? {};
  }

  get files(): CallbackFiles | undefined {
    return this.#callback.files;
  }

  /**
   * Calls the callback's own function, and subscribes to what it gives back.
   *
   * @param resumed of a run that goes on, for a callback that is here from its beginning
   */
  connect(resumed?: ResumedRun): void {
    if (this.#phase.kind !== 'registered') return;
    this.#phase = { kind: 'live' };
    this.#resumed = resumed;
    try {
      const result: unknown = this.#callback.connect(this.#run(), this.#desk());
      if (result === undefined) return;
      if (!isObservable(result)) {
        if (result instanceof Promise) result.catch(() => undefined);
        throw new PitwallError(
          'INVALID_CALLBACK',
          `The function of "${this.name}" must return an Observable of directives or nothing, but ${told(result)} came.`,
        );
      }
      const subscription = result.subscribe({
        next: (directive) => {
          this.#direct(directive);
        },
        error: this.#containment.onError,
      });
      this.#containment.subscriptions.add(subscription);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Hands the callback an event. It never throws. */
  next(event: RunEvent): void {
    this.events.next(event);
    if (event.type !== 'step') this.#stepless.next(event);
  }

  /** Tells the callback that no event follows. */
  complete(): void {
    this.events.complete();
    this.#stepless.complete();
  }

  /** Asks the callback to cancel what it runs. */
  cancel(reason: string): void {
    this.#cancel$.next(reason);
  }

  /** Tells an error that costs the callback its life, and, if it is critical, the run. */
  fail(error: unknown): void {
    if (this.#phase.kind === 'over') return;
    const wasLive = this.#phase.kind === 'live';
    this.#leave('over');
    this.#host.tellError(this.name, error);
    if (wasLive && this.#callback.critical === true) this.#host.failRun(error);
    this.#end();
  }

  /** Unregisters: it gets no more events, and is over as soon as its evaluations have been stopped. */
  leave(): void {
    if (this.#phase.kind === 'registered') {
      this.#phase = { kind: 'over' };
      this.#host.onLeft(this);
      this.#host.onOver(this);
    } else if (this.#phase.kind === 'live') {
      this.#leave('leaving');
      this.#cancel$.next(`the callback "${this.name}" was unregistered`);
      this.endWhenQuiet();
    }
  }

  /** Of a callback that is leaving: ends it if none of its evaluations is in flight. */
  endWhenQuiet(): void {
    if (this.#phase.kind !== 'leaving' || this.#host.hasInFlight(this)) return;
    this.#phase = { kind: 'over' };
    this.#end();
  }

  /** Ends every subscription at the end of the run. */
  close(): void {
    if (this.#phase.kind === 'over') return;
    this.#leave('over');
    this.#end();
  }

  #leave(kind: 'leaving' | 'over'): void {
    this.#phase = { kind };
    this.events.mute();
    this.#stepless.mute();
    this.#host.onLeft(this);
  }

  #end(): void {
    try {
      this.#containment.subscriptions.unsubscribe();
    } catch (error) {
      this.#host.tellError(this.name, error);
    }
    this.#cancel$.complete();
    this.#host.onOver(this);
  }

  #direct(directive: unknown): void {
    if (this.#phase.kind !== 'live' || this.#isRemembering) return;
    const given = (directive ?? {}) as Readonly<Record<string, unknown>>;
    if (given.kind === 'stop' && typeof given.reason === 'string') {
      this.#host.stopTraining(given.reason);
      return;
    }
    if (given.kind === 'scale' && mistakeInScale(given) === undefined) {
      this.#count('scale directive');
      if (this.#isLive()) this.#host.scale(directive as ScaleDirective, this);
      return;
    }
    this.fail(
      new PitwallError(
        'INVALID_DIRECTIVE',
        `The Observable of "${this.name}" must emit directives, made by stop(reason) or scale(name, factor, reason), but ${told(directive)} came: ` +
          'end it with ignoreElements() if it only watches.',
      ),
    );
  }

  #publish(body: EventBody): void {
    if (this.#maySpeak(body)) this.#host.publish(body, this, this.#isLive());
  }

  /** Counts what comes into the run; the run decides again, because the one too many ends the callback. */
  #maySpeak(body: EventBody): boolean {
    if (this.#isRemembering || !this.#host.admits(body, this.#isLive())) return false;
    this.#count(body.type);
    return true;
  }

  /** Counts what is emitted in one turn of the queue, and ends a callback that never stops. */
  #count(what: string): void {
    const turn = this.#host.turn();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#emittedInTurn = 0;
    }
    if (++this.#emittedInTurn <= emissionsPerTurn || !this.#isLive()) return;
    const error = new PitwallError(
      'EMISSION_FLOOD',
      `"${this.name}" must emit at most ${emissionsPerTurn} events in answer to one, but a "${what}" more came: ` +
        'it was unregistered. Look for an event that it emits in answer to its own.',
    );
    this.leave();
    this.#host.tellError(this.name, error);
    if (this.#callback.critical === true) this.#host.failRun(error);
  }

  /** The history, told at once to each subscriber. */
  #remembered({ history }: ResumedRun): Observable<RunEvent> {
    return new Observable((subscriber) => {
      const wasRemembering = this.#isRemembering;
      this.#isRemembering = true;
      try {
        for (const event of history) {
          if (subscriber.closed) return;
          subscriber.next(event);
        }
      } finally {
        this.#isRemembering = wasRemembering;
      }
      subscriber.complete();
    });
  }

  #isLive(): boolean {
    return this.#phase.kind === 'live';
  }

  #run(): Run<M> {
    const host = this.#host;
    return {
      runId: host.runId,
      name: host.name,
      epochs: host.epochs,
      clock: host.clock,
      events$: this.events.events$,
      history$: contain<RunEvent>(
        this.#resumed === undefined ? EMPTY : this.#remembered(this.#resumed),
        this.#containment,
      ),
      durable$: contain(host.durable$(), this.#containment),
      get state() {
        return host.state();
      },
      emit: (custom) => {
        const { type = 'custom', name, value } = assertCustom(custom);
        this.#publish({ type, name, value });
      },
    };
  }

  #desk(): Desk {
    const host = this.#host;
    const isLive = (): boolean => this.#isLive();
    return {
      publish: (body) => {
        this.#publish(body);
      },
      publishOnce: (body) => {
        if (!host.isTold(body) && this.#maySpeak(body)) host.publishOnce(body, this, this.#isLive());
      },
      cancel$: contain(this.#cancel$, this.#containment),
      get course() {
        return isLive() ? host.course() : 'over';
      },
      folder: host.runFolder,
      report: (error) => {
        if (this.#phase.kind === 'over') return;
        host.tellError(this.name, error);
        if (this.#callback.critical === true) host.failRun(error);
      },
      measure: (event, work) => host.measure(this, event, work),
      hold: (work) => {
        host.hold(work);
      },
      pins: host.pins,
      registered: () => host.registered(),
      lastEnded: () => host.lastEnded(),
      lastNumber: (name) => host.lastNumber(name),
      resumed: this.#resumed,
      govern: (evaluation) => host.govern(evaluation),
    };
  }
}

/** @throws {ConfigurationError} for what is no custom event. */
function assertCustom(custom: Parameters<Run['emit']>[0]): Parameters<Run['emit']>[0] {
  const given = custom as { readonly type?: unknown; readonly name?: unknown } | null | undefined;
  if (typeof given?.name === 'string' && given.name !== '' && (given.type ?? 'custom') === 'custom') {
    if (given.name !== scaleEventName) return custom;
    throw new ConfigurationError(
      `run.emit({ name, value }) must get a name of your own, but "${scaleEventName}" came: the trainer tells it for who emits scale(name, factor, reason).`,
    );
  }
  throw new ConfigurationError(
    `run.emit({ name, value }) must get a custom event with a name, but ${told(custom)} came, with the name ${told(given?.name)}.`,
  );
}
