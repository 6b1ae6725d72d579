import type { Observer } from 'rxjs';
import { PitwallError } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import type { Desk, Run } from './callback.ts';
import { isThenable } from './is-thenable.ts';

/** What a hook gets beside its event. */
export interface HookContext<M = Record<string, unknown>> {
  /** Aborts when the call has had its 30 s, or when its callback is over. */
  readonly signal: AbortSignal;
  readonly run: Run<M>;
}

/** One call's time, in milliseconds. */
export const hookTimeoutMs = 30_000;

/** How many calls may wait; above it they are dropped, the one for `run:end` never. */
export const hookQueueLength = 64;

export type HookMethod<M> = (event: never, context: HookContext<M>) => unknown;

interface HookCallsOptions<M> {
  readonly name: string;
  /** What the methods are called on. */
  readonly owner: object;
  /** By the type of the event. */
  readonly methods: ReadonlyMap<string, HookMethod<M>>;
  readonly run: Run<M>;
  readonly desk: Desk;
}

/** What is under way: nothing, a method that has not returned yet, a promise that has not settled; or all is over. */
type Present<M> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'calling' }
  | { readonly kind: 'waiting'; readonly call: HookCall<M>; readonly cancelTimeout: () => void }
  | { readonly kind: 'closed' };

const idle = { kind: 'idle' } as const;
const calling = { kind: 'calling' } as const;
const closed = { kind: 'closed' } as const;

/** Observes a run's events, and calls the hooks of one callback, one at a time and in order. */
export class HookCalls<M> implements Observer<RunEvent> {
  readonly #name: string;
  readonly #owner: object;
  readonly #methods: ReadonlyMap<string, HookMethod<M>>;
  readonly #run: Run<M>;
  readonly #desk: Desk;
  readonly #queue: RunEvent[] = [];
  #present: Present<M> = idle;
  /** A context that no method has asked for its signal: the next call takes it again. */
  #spare: HookCall<M> | undefined;
  #droppedCount = 0;
  /** From `training:end` on the end of the run waits for what is under way, so that it tells what became of that. */
  #isEnding = false;
  #whenIdle: (() => void) | undefined;

  constructor({ name, owner, methods, run, desk }: HookCallsOptions<M>) {
    this.#name = name;
    this.#owner = owner;
    this.#methods = methods;
    this.#run = run;
    this.#desk = desk;
  }

  /** Calls the event's hook, now or in its turn. */
  next(event: RunEvent): void {
    const method = this.#methods.get(event.type);
    if (method !== undefined) {
      if (this.#present.kind === 'idle') {
        this.#call(method, event);
        if (this.#queue.length > 0) this.#advance();
      } else if (this.#present.kind === 'closed') return;
      else if (this.#queue.length < hookQueueLength || event.type === 'run:end') this.#queue.push(event);
      else this.#droppedCount++;
    }
    if (event.type === 'training:end' || event.type === 'run:end') this.#isEnding = true;
    if (this.#isEnding) this.#holdUntilIdle();
  }

  error(error: unknown): void {
    this.#desk.report(error);
  }

  /** The stream has ended, but calls may still wait: `close` ends them. */
  complete(): void {
    // nothing to do
  }

  /** Aborts the present call and forgets those that wait. */
  close(): void {
    const present = this.#present;
    this.#queue.length = 0;
    this.#present = closed;
    if (present.kind === 'waiting') {
      present.cancelTimeout();
      present.call.abort(this.#overError());
    }
    this.#letGo();
  }

  #call(method: HookMethod<M>, event: RunEvent): void {
    const call = this.#spare ?? new HookCall(this.#run);
    this.#spare = undefined;
    this.#present = calling;
    try {
      const returned = method.call(this.#owner, event as never, call);
      if (isThenable(returned)) {
        this.#wait(call, event, returned);
        return;
      }
    } catch (error) {
      this.#desk.report(error);
    }
    if (!call.used) this.#spare = call;
    if (!this.#isClosed()) this.#present = idle;
  }

  #wait(call: HookCall<M>, event: RunEvent, returned: PromiseLike<unknown>): void {
    if (this.#isClosed()) {
      call.abort(this.#overError());
      returned.then(undefined, () => undefined);
      return;
    }
    const cancelTimeout = this.#run.clock.setTimeout(() => {
      if (this.#present !== waiting) return;
      const error = new PitwallError(
        'HOOK_TIMEOUT',
        `The hook of "${this.#name}" for ${event.type} must settle within ${hookTimeoutMs / 1000} s, but it has not: ` +
          'hand its signal on to what it waits for, or do long work elsewhere.',
      );
      this.#desk.report(error);
      call.abort(error);
      if (this.#isEnding) this.#keepRunEndOnly();
      this.#present = idle;
      this.#advance();
    }, hookTimeoutMs);
    const waiting: Present<M> = { kind: 'waiting', call, cancelTimeout };
    this.#present = waiting;
    const settle = (): void => {
      cancelTimeout();
      this.#present = idle;
      this.#advance();
    };
    returned.then(
      () => {
        if (this.#present === waiting) settle();
      },
      (error: unknown) => {
        if (this.#present !== waiting) return; // it had its time: the rejection comes of the abort
        this.#desk.report(error);
        settle();
      },
    );
  }

  /** Calls those that wait, until one is async. */
  #advance(): void {
    while (this.#present.kind === 'idle') {
      const event = this.#queue.shift();
      if (event === undefined) {
        this.#tellDropped();
        this.#letGo();
        return;
      }
      const method = this.#methods.get(event.type);
      if (method === undefined) continue;
      this.#desk.measure(event.type, () => {
        this.#call(method, event);
      });
    }
  }

  #holdUntilIdle(): void {
    if (this.#present.kind === 'idle' || this.#isClosed() || this.#whenIdle !== undefined) return;
    this.#desk.hold(
      new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      }),
    );
  }

  #letGo(): void {
    this.#whenIdle?.();
    this.#whenIdle = undefined;
  }

  /** A hook that hangs holds the end of the run for its own time and for that of `onRunEnd`, not for all that wait. */
  #keepRunEndOnly(): void {
    const runEnd = this.#queue.filter((event) => event.type === 'run:end');
    this.#droppedCount += this.#queue.length - runEnd.length;
    this.#queue.splice(0, this.#queue.length, ...runEnd);
  }

  #isClosed(): boolean {
    return this.#present.kind === 'closed';
  }

  #overError(): PitwallError {
    return new PitwallError(
      'CALLBACK_OVER',
      `The callback "${this.#name}" is over: it was unregistered or the run ended.`,
    );
  }

  #tellDropped(): void {
    if (this.#droppedCount === 0) return;
    this.#desk.publish({ type: 'dropped', what: `hooks of "${this.#name}"`, count: this.#droppedCount });
    this.#droppedCount = 0;
  }
}

/** The second argument of one call. Its signal is made when it is asked for: most hooks never do. */
class HookCall<M> implements HookContext<M> {
  readonly run: Run<M>;
  #controller: AbortController | undefined;

  constructor(run: Run<M>) {
    this.run = run;
  }

  get used(): boolean {
    return this.#controller !== undefined;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}
