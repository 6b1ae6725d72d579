import { emptyDemoState, foldDemo, type DemoState } from '../../../src/cli/demo/demo-state.ts';
import type { EventOf, RunEvent, Violation } from '../../../src/events/index.ts';

/** The beginning of every made-up run, in wall-clock ms. */
export const beginning = 1_700_000_000_000;

/** Writes the events of a made-up run. */
export class MadeUpRun {
  readonly events: RunEvent[] = [];
  #seq = 0;
  #at = beginning;
  #step = 0;
  #epoch = 0;

  get state(): DemoState {
    return this.events.reduce(foldDemo, emptyDemoState);
  }

  add(body: Record<string, unknown>): this {
    this.events.push({ seq: this.#seq++, at: this.#at, runId: 'made-up', ...body } as unknown as RunEvent);
    return this;
  }

  start(epochs = 10): this {
    return this.add({ type: 'run:start', name: 'demo', epochs, config: {} });
  }

  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  /** An epoch whose steps take all of its time. */
  epoch(steps: number, durationMs: number, loss = 0.2): this {
    this.#epoch++;
    this.add({ type: 'epoch:start', epoch: this.#epoch });
    for (let count = 0; count < steps; count++) this.step(durationMs);
    return this.add({ type: 'epoch:end', epoch: this.#epoch, metrics: { loss, games: 7 } });
  }

  step(durationMs: number): this {
    this.#step++;
    this.wait(durationMs);
    return this.add({ type: 'step', epoch: this.#epoch, step: this.#step, durationMs });
  }

  requested(name: string, epoch = this.#epoch): this {
    return this.add({ type: 'evaluation:requested', ...this.#subject(name, epoch) });
  }

  started(name: string, epoch = this.#epoch): this {
    return this.add({ type: 'evaluation:start', ...this.#subject(name, epoch), queuedMs: 0 });
  }

  progress(name: string, done: number, total?: number, note?: string): this {
    return this.add({ type: 'evaluation:progress', ...this.#subject(name, this.#epoch), done, total, note });
  }

  skipped(name: string, reason: EventOf<'evaluation:skipped'>['reason'], epoch = this.#epoch): this {
    return this.add({ type: 'evaluation:skipped', ...this.#subject(name, epoch), reason });
  }

  completed(name: string, result: unknown, epoch = this.#epoch): this {
    return this.#ended(name, epoch, { status: 'completed', result });
  }

  violated(name: string, violation: Partial<Violation>, epoch = this.#epoch): this {
    return this.#ended(name, epoch, { status: 'violated', violation });
  }

  failed(name: string, message: string, epoch = this.#epoch): this {
    return this.#ended(name, epoch, { status: 'failed', error: { code: 'X', kind: 'crashed', message } });
  }

  cancelled(name: string, epoch = this.#epoch): this {
    return this.#ended(name, epoch, { status: 'cancelled' });
  }

  breaker(from: string, to: string): this {
    return this.add({ type: 'breaker:transition', name: 'rogue', from, to, reason: 'made up' });
  }

  end(status: 'completed' | 'stopped' | 'failed' = 'completed', reason?: string): this {
    const overhead = {
      callbacksMs: { 'vs-random': 4.2, rogue: 1.1 },
      totalMs: 9.9,
      trainingMs: 30_000,
      percent: 0.033,
    };
    const evaluations = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 };
    this.add({ type: 'training:end', epochs: this.#epoch, steps: this.#step });
    return this.add({ type: 'run:end', epochs: this.#epoch, steps: this.#step, status, reason, evaluations, overhead });
  }

  #subject(name: string, epoch: number): Record<string, unknown> {
    return { evaluationId: `${name}-${epoch}`, name, epoch, step: this.#step };
  }

  #ended(name: string, epoch: number, how: Record<string, unknown>): this {
    const usage = { wallMs: 420, startMs: 80, queuedMs: 0, pausedMs: 0, goneMs: 2, cpuMs: null, cpuShare: null, peakMemoryMb: null }; // prettier-ignore
    return this.add({ type: 'evaluation:end', ...this.#subject(name, epoch), items: { done: 3 }, usage, ...how });
  }
}

export const hang: Partial<Violation> = { rule: 'itemTimeMs', limit: 1500, observed: 1501.4, unit: 'ms', killedAt: beginning + 5, goneAt: beginning + 9 }; // prettier-ignore
export const feast: Partial<Violation> = { rule: 'memoryMb', limit: 300, observed: 304.2, unit: 'MB' };

export function score(winRate: number): Record<string, unknown> {
  return { winRate, standardError: 0.025, wins: 1, draws: 0, losses: 1, games: 400 };
}
