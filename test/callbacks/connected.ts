import { EMPTY, from, Subject } from 'rxjs';
import { CheckpointPins, type Callback, type Desk, type Directive, type Run } from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { runEvent, VirtualClock, type RunEventSketch } from '../../src/testing/index.ts';

interface Connection {
  /** What the journal of the run holds from before. */
  readonly history?: readonly RunEventSketch[];
  readonly clock?: VirtualClock;
  /** The run's steps, wherever it is asked. */
  readonly step?: number;
  /** The run's present epoch, wherever it is asked. */
  readonly epoch?: number;
  readonly pins?: CheckpointPins;
  /** What it publishes is told to it too, as a trainer does. */
  readonly echoes?: boolean;
}

/** A callback in a run that goes on from a past, without a trainer: it hears what the test tells. */
export function connected(
  callback: Callback,
  {
    history = [],
    clock = new VirtualClock(),
    step = 0,
    epoch = 0,
    pins = new CheckpointPins(),
    echoes = false,
  }: Connection = {},
) {
  const events$ = new Subject<RunEvent>();
  const heard: string[] = [];
  const directives: Directive[] = [];
  const published: EventBody[] = [];
  const reported: unknown[] = [];
  const held = new Set<Promise<unknown>>();
  const looks = { atState: 0 };
  const run = {
    clock,
    events$: events$.asObservable(),
    history$: from(history.map((sketch) => runEvent(sketch))),
    durable$: EMPTY,
    get state() {
      looks.atState++;
      return { epoch, step, metrics: undefined, evaluationsInFlight: [] };
    },
  } as unknown as Run<never>;
  const queue: RunEvent[] = [];
  const deliver = (sketch: RunEventSketch): void => {
    if (queue.push(runEvent(sketch)) > 1) return; // it is being delivered, and this one comes after
    for (; queue[0] !== undefined; queue.shift()) events$.next(queue[0]);
  };
  const publish = (body: EventBody): void => {
    published.push(body);
    if (echoes) deliver(body);
  };
  const desk = {
    publish,
    publishOnce: publish,
    pins,
    report: (error: unknown) => reported.push(error),
    hold: (work: Promise<unknown>) => held.add(work),
  };
  const subscription = callback.connect(run, desk as unknown as Desk)?.subscribe({
    next: (directive) => {
      directives.push(directive);
      heard.push(directive.reason);
    },
    complete: () => heard.push('|'),
  });
  return {
    clock,
    heard,
    directives,
    published,
    reported,
    pins,
    looks,
    /** Resolves when nothing holds the run any more. */
    settled: async () => {
      for (const work of held) await work; // it grows while it is read
    },
    tell: (...sketches: readonly RunEventSketch[]) => {
      for (const sketch of sketches) deliver(sketch);
    },
    complete: () => {
      events$.complete();
    },
    unregister: () => {
      subscription?.unsubscribe();
    },
    get isListenedTo() {
      return events$.observed;
    },
  };
}

/** The end of an epoch. */
export function ended(epoch: number, metrics: Readonly<Record<string, unknown>> = {}) {
  return { type: 'epoch:end', epoch, metrics } as const;
}

/** The request of an evaluation of "vs-random", the one of this epoch. */
export function requested(epoch: number) {
  return {
    type: 'evaluation:requested',
    evaluationId: `vs-${epoch}`,
    name: 'vs-random',
    epoch,
    step: epoch * 10,
  } as const;
}

/** Its completion with a result. */
export function completed(epoch: number, result: unknown) {
  return {
    type: 'evaluation:end',
    evaluationId: `vs-${epoch}`,
    name: 'vs-random',
    epoch,
    step: epoch * 10,
    status: 'completed',
    result,
  } as const;
}
