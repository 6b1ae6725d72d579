import { EMPTY, ReplaySubject, Subject, type Subscription } from 'rxjs';
import { expect } from 'vitest';
import {
  CheckpointPins,
  type Callback,
  type Desk,
  type Directive,
  type Run,
  type RunState,
} from '../../src/callbacks/index.ts';
import type { Clock } from '../../src/clock/index.ts';
import type { EventBody, EventOf, RunEvent, RunEventType } from '../../src/events/index.ts';

type StepBody = Omit<EventOf<'step'>, 'at' | 'runId'>;

/** A run without a trainer: its events are delivered first in, first out, and every one is kept. */
export class FakeRun {
  readonly events: RunEvent[] = [];
  /** What the callback's Observable gave: directives, an error, `|`. */
  readonly heard: unknown[] = [];
  readonly pins = new CheckpointPins();
  configured: Readonly<Record<string, unknown>> | undefined;
  state: RunState = {
    epoch: 0,
    step: 0,
    metrics: undefined,
    evaluationsInFlight: [],
    evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
  };
  readonly #clock: Clock;
  readonly #events$ = new Subject<RunEvent>();
  readonly #cancel$ = new ReplaySubject<string>(1);
  readonly #once = new Set<string>();
  readonly #queue: RunEvent[] = [];
  #delivering = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  connect(callback: Callback): Subscription | undefined {
    this.configured = callback.config;
    const directives$ = callback.connect(this.#run(), this.#desk()) ?? undefined;
    return directives$?.subscribe({
      next: (directive: Directive) => this.heard.push(directive),
      error: (error: unknown) => this.heard.push(error),
      complete: () => this.heard.push('|'),
    });
  }

  publish(body: EventBody | StepBody): void {
    const seq = body.type === 'step' ? {} : { seq: this.events.length + 1 };
    this.#queue.push({ ...body, ...seq, at: this.#clock.wallNow(), runId: 'run-1' } as RunEvent);
    if (this.#delivering) return;
    this.#delivering = true;
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      this.events.push(event);
      this.#events$.next(event);
    }
    this.#delivering = false;
  }

  epochEnd(epoch: number, metrics: Record<string, unknown> = {}): void {
    this.publish({ type: 'epoch:end', epoch, metrics });
  }

  cancel(reason: string): void {
    this.#cancel$.next(reason);
  }

  end(): void {
    this.#events$.complete();
  }

  of<Type extends RunEventType>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The story of the evaluations: `requested 1`, `skipped 2 busy`, `start 1`, `end 1 completed`, by epoch. */
  get story(): string[] {
    return this.events.flatMap((event) => {
      const told = event as { epoch?: number; status?: string; reason?: string };
      const [family, what] = event.type.split(':');
      if (family !== 'evaluation') return [];
      return [[what, told.epoch, told.status ?? told.reason].filter((part) => part !== undefined).join(' ')];
    });
  }

  #run(): Run<never> {
    const state = (): RunState => this.state;
    return {
      runId: 'run-1',
      name: 'fake',
      epochs: 10,
      clock: this.#clock,
      events$: this.#events$.asObservable(),
      history$: EMPTY,
      durable$: EMPTY,
      get state() {
        return state() as RunState<never>;
      },
      emit: ({ name, value }) => {
        this.publish({ type: 'custom', name, value });
      },
    };
  }

  #desk(): Desk {
    return {
      publish: (body) => {
        this.publish(body);
      },
      publishOnce: (body) => {
        const { type, rule, why } = body as { type: string; rule?: string; why?: string };
        const key = JSON.stringify([type, rule, why]);
        if (this.#once.has(key)) return;
        this.#once.add(key);
        this.publish(body);
      },
      cancel$: this.#cancel$.asObservable(),
      folder: undefined,
      pins: this.pins,
      report: (error) => this.heard.push(error),
      measure: (_, work) => work(),
      hold: () => undefined,
      lastNumber: () => 0,
      govern: () => undefined,
    };
  }
}

/** Each request has come to exactly one end or skip, by its id, and its events stand in their order. */
export function expectConserved({ events }: Pick<FakeRun, 'events'>): void {
  const phases = new Map<string, 'requested' | 'started' | 'over'>();
  for (const event of events) {
    if (!event.type.startsWith('evaluation:')) continue;
    const { type, evaluationId } = event as EventOf<'evaluation:start'> | EventOf<'evaluation:end'>;
    const phase = phases.get(evaluationId);
    const told = `${type} of ${evaluationId}`;
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- every other event is told while it runs
    switch (type as RunEventType) {
      case 'evaluation:requested':
        expect([told, phase]).toEqual([told, undefined]);
        phases.set(evaluationId, 'requested');
        break;
      case 'evaluation:start':
      case 'evaluation:skipped':
        expect([told, phase]).toEqual([told, 'requested']);
        phases.set(evaluationId, type === 'evaluation:start' ? 'started' : 'over');
        break;
      case 'evaluation:end':
        expect([told, phase]).toEqual([told, phase === 'requested' ? 'requested' : 'started']);
        phases.set(evaluationId, 'over');
        break;
      default:
        expect([told, phase]).toEqual([told, 'started']);
    }
  }
  expect([...phases].filter(([, phase]) => phase !== 'over')).toEqual([]);
}
