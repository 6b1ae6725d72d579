import { defer, EMPTY, NEVER, Subject, Subscription } from 'rxjs';
import {
  CheckpointPins,
  hooks,
  type Callback,
  type Desk,
  type Directive,
  type NamedHooks,
  type Run,
} from '../callbacks/index.ts';
import { schedulerOf, type Clock } from '../clock/index.ts';
import type { EventBody, RunEvent } from '../events/index.ts';
import { replayRun } from '../replay/index.ts';
import { StateOfRecord } from './state-of-record.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a callback did while a record was told to it. */
export interface HeardOfCallback {
  /** What it asked of the training, and when: wall-clock milliseconds of the record. */
  readonly directives: readonly { readonly at: number; readonly directive: Directive }[];
  /** The events that it has added to the run, as `run.emit` does. */
  readonly events: readonly EventBody[];
  /** What would have been told as `callback:error`. */
  readonly errors: readonly unknown[];
}

/**
 * Tells a record to a callback, in virtual time, and waits for what it holds the run for.
 *
 * `run.state` is folded from the events so far, `run.durable$` and `run.history$` are empty, and what it emits is not told to it.
 */
export async function toldTo(
  registrable: Callback | NamedHooks,
  record: readonly RunEvent[],
): Promise<HeardOfCallback> {
  const callback = 'connect' in registrable ? registrable : hooks(registrable.name, registrable);
  const clock = new VirtualClock({ wallMs: record[0]?.at ?? 0 });
  const directives: { at: number; directive: Directive }[] = [];
  const events: EventBody[] = [];
  const errors: unknown[] = [];
  const held: Promise<unknown>[] = [];
  const events$ = new Subject<RunEvent>();
  const state = new StateOfRecord();
  const run = runOf(record, { clock, events$, state, emit: (body) => events.push(body) });
  const desk: Desk = {
    publish: (body) => events.push(body),
    publishOnce: (body) => events.push(body),
    cancel$: NEVER,
    folder: undefined,
    report: (error) => errors.push(error),
    measure: (_, work) => work(),
    hold: (work) => held.push(work),
    pins: new CheckpointPins(),
    lastNumber: () => 0,
    govern: () => undefined,
  };
  // What connects throws is told as an error too, as in a real run.
  const subscription = new Subscription();
  subscription.add(
    defer(() => (callback as Callback<unknown>).connect(run, desk) ?? EMPTY).subscribe({
      next: (directive) => directives.push({ at: clock.wallNow(), directive }),
      error: (error: unknown) => errors.push(error),
    }),
  );
  const told = new Promise<void>((resolve, reject) => {
    subscription.add(
      replayRun(record, schedulerOf(clock)).subscribe({
        next: (event) => {
          state.see(event);
          events$.next(event);
        },
        error: reject,
        complete: () => {
          events$.complete();
          resolve();
        },
      }),
    );
  });
  await clock.runUntil(told.then(() => Promise.allSettled(held))).finally(() => {
    subscription.unsubscribe();
  });
  return { directives, events, errors };
}

function runOf(
  record: readonly RunEvent[],
  {
    clock,
    events$,
    state,
    emit,
  }: {
    readonly clock: Clock;
    readonly events$: Subject<RunEvent>;
    readonly state: StateOfRecord;
    readonly emit: (body: EventBody) => unknown;
  },
): Run<unknown> {
  const start = record.find((event) => event.type === 'run:start');
  return {
    runId: record[0]?.runId ?? '',
    name: start?.name ?? '',
    epochs: start?.epochs ?? 0,
    clock,
    events$: events$.asObservable(),
    history$: EMPTY,
    durable$: EMPTY,
    get state() {
      return state.now;
    },
    emit: ({ name, value }) => {
      emit({ type: 'custom', name, value });
    },
  };
}
