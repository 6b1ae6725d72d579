import type { Clock } from '../../src/clock/index.ts';
import type { EventBody, EventOf, RunEvent, RunEventType } from '../../src/events/index.ts';
import type { Callback, Desk, Directive, Run } from '../../src/callbacks/index.ts';
import type { Observable } from 'rxjs';
import { VirtualClock } from '../../src/testing/index.ts';
import { Trainer, type TrainerOptions } from '../../src/trainer/index.ts';

/** A virtual clock that a synchronous piece of work can move too. */
export class WorkClock implements Clock {
  readonly virtual = new VirtualClock();
  #workedMs = 0;

  now(): number {
    return this.virtual.now() + this.#workedMs;
  }
  wallNow(): number {
    return this.virtual.wallNow() + this.#workedMs;
  }
  setTimeout(task: () => void, ms: number): () => void {
    return this.virtual.setTimeout(task, ms);
  }
  /** Time that passes without a turn of the event loop. */
  work(ms: number): void {
    this.#workedMs += ms;
  }
}

/** A trainer without a journal, under a clock of its own, with everything that it emits. */
export function testRun<M extends object = Record<string, unknown>>(options: Partial<TrainerOptions> = {}) {
  const clock = new WorkClock();
  const trainer = new Trainer<M>({ name: 'test', epochs: 1, journal: false, clock, ...options });
  const events: RunEvent[] = [];
  trainer.events$.subscribe((event) => events.push(event));
  const of = <Type extends RunEventType>(type: Type): EventOf<Type>[] =>
    events.filter((event): event is EventOf<Type> => event.type === type);
  const types = (): RunEventType[] => events.map((event) => event.type);
  return { trainer, clock, events, of, types };
}

/** A callback as Pitwall's own parts are: with a desk. */
export function part(
  name: string,
  connect: (run: Run<never>, desk: Desk) => Observable<Directive> | void,
  critical = false,
): Callback {
  return { name, critical, connect };
}

/** One event of an evaluation, of epoch 1 and step 1. */
export function evaluationEvent(
  type: 'requested' | 'skipped' | 'completed' | 'cancelled' | 'progress',
  evaluationId = 'e1',
): EventBody {
  const subject = { evaluationId, name: 'vs-random', epoch: 1, step: 1 };
  if (type === 'requested') return { type: 'evaluation:requested', ...subject };
  if (type === 'progress') return { type: 'evaluation:progress', ...subject, done: 1 };
  if (type === 'skipped') return { type: 'evaluation:skipped', ...subject, reason: 'busy' };
  const usage = {
    wallMs: 1,
    cpuMs: null,
    cpuShare: null,
    peakMemoryMb: null,
    startMs: 0,
    pausedMs: 0,
    queuedMs: 0,
    goneMs: 0,
  };
  return { type: 'evaluation:end', ...subject, status: type, items: { done: 0 }, usage };
}

/** A turn of the event loop: every microtask that was there has run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
