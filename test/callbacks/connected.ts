import { EMPTY, from, Subject } from 'rxjs';
import type { Callback, Desk, Run } from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { runEvent, VirtualClock, type RunEventSketch } from '../../src/testing/index.ts';

interface Connection {
  /** What the journal of the run holds from before. */
  readonly history?: readonly RunEventSketch[];
  readonly clock?: VirtualClock;
  /** The run's steps, wherever it is asked. */
  readonly step?: number;
}

/** A callback in a run that goes on from a past, without a trainer: it hears what the test tells. */
export function connected(callback: Callback, { history = [], clock = new VirtualClock(), step = 0 }: Connection = {}) {
  const events$ = new Subject<RunEvent>();
  const heard: string[] = [];
  const published: EventBody[] = [];
  const looks = { atState: 0 };
  const run = {
    clock,
    events$: events$.asObservable(),
    history$: from(history.map((sketch) => runEvent(sketch))),
    durable$: EMPTY,
    get state() {
      looks.atState++;
      return { epoch: 0, step, metrics: undefined, evaluationsInFlight: [] };
    },
  } as unknown as Run<never>;
  const publish = (body: EventBody): void => void published.push(body);
  const subscription = callback.connect(run, { publish, publishOnce: publish } as unknown as Desk)?.subscribe({
    next: ({ reason }) => heard.push(reason),
    complete: () => heard.push('|'),
  });
  return {
    clock,
    heard,
    published,
    looks,
    tell: (...sketches: readonly RunEventSketch[]) => {
      for (const sketch of sketches) events$.next(runEvent(sketch));
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
