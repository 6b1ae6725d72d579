import type { EventBody, EventOf, JournalledEvent } from '../../src/events/index.ts';

/** Writes the events of a run that never was, with the numbering and the times of a real one. */
export class MadeUpRun {
  readonly events: JournalledEvent[] = [];
  readonly runId: string;
  #at = Date.UTC(2026, 0, 31, 18, 45, 2);

  constructor(runId = 'made-up') {
    this.runId = runId;
  }

  get seq(): number {
    return this.events.length;
  }

  get at(): number {
    return this.#at;
  }

  after(ms: number): this {
    this.#at += ms;
    return this;
  }

  tell(body: EventBody): this {
    this.events.push({ ...body, seq: this.seq + 1, at: this.#at, runId: this.runId });
    return this;
  }

  start(name: string, epochs: number, config: Record<string, unknown> = {}): this {
    return this.tell({ type: 'run:start', name, epochs, config });
  }

  /** An epoch of ten steps a second. */
  epoch(epoch: number, metrics: Record<string, unknown>, { seconds = 10, rate = 10, checkpoint = false } = {}): this {
    this.tell({ type: 'epoch:start', epoch });
    const before = (epoch - 1) * seconds * rate;
    for (let second = 1; second <= seconds; second++)
      this.after(1000).tell({
        type: 'step:summary',
        epoch,
        step: before + second * rate,
        count: rate,
        p50Ms: 1000 / rate,
        p99Ms: 1200 / rate,
        maxMs: 1500 / rate,
      });
    return this.tell({
      type: 'epoch:end',
      epoch,
      metrics,
      step: before + seconds * rate,
      ...(checkpoint ? { checkpoint: { path: `weights-${epoch}.bin`, hash: `sha256-${epoch}` } } : {}),
    });
  }

  requested(evaluationId: string, { name = 'vs-random', epoch = 1, step = 100 } = {}): this {
    return this.tell({ type: 'evaluation:requested', evaluationId, name, epoch, step });
  }

  skipped(evaluationId: string, reason: EventOf<'evaluation:skipped'>['reason'], subject = {}): this {
    return this.tell({ type: 'evaluation:skipped', evaluationId, ...subjectOf(subject), reason });
  }

  started(evaluationId: string, subject = {}): this {
    return this.tell({ type: 'evaluation:start', evaluationId, ...subjectOf(subject), queuedMs: 0 });
  }

  sample(evaluationId: string, memoryMb: number | null, subject = {}): this {
    const gpu = { gpuUtilizationPercent: null, gpuMemoryMb: null };
    return this.tell({
      type: 'evaluation:sample',
      evaluationId,
      ...subjectOf(subject),
      memoryMb,
      cpuPercent: 97.5,
      ...gpu,
    });
  }

  ended(
    evaluationId: string,
    end: Partial<EventOf<'evaluation:end'>> & Pick<EventOf<'evaluation:end'>, 'status'>,
    subject = {},
  ): this {
    const usage = {
      wallMs: 3000,
      cpuMs: 2900,
      cpuShare: 0.97,
      peakMemoryMb: 210.5,
      startMs: 80,
      pausedMs: 0,
      queuedMs: 0,
      goneMs: 4,
    };
    return this.tell({
      type: 'evaluation:end',
      evaluationId,
      ...subjectOf(subject),
      items: { done: 0 },
      usage,
      ...end,
    });
  }

  end(
    epochs: number,
    status: EventOf<'run:end'>['status'] = 'completed',
    more: Partial<EventOf<'run:end'>> = {},
  ): this {
    const steps = epochs * 100;
    this.tell({ type: 'training:end', epochs, steps });
    return this.tell({
      type: 'run:end',
      epochs,
      steps,
      status,
      evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
      overhead: { callbacksMs: { 'vs-random': 12.5 }, totalMs: 20, trainingMs: epochs * 10_000, percent: 0.2 },
      ...more,
    });
  }
}

function subjectOf({
  name = 'vs-random',
  epoch = 1,
  step = 100,
}: {
  readonly name?: string;
  readonly epoch?: number;
  readonly step?: number;
}): { readonly name: string; readonly epoch: number; readonly step: number } {
  return { name, epoch, step };
}

/** A rule about memory that ended an evaluation. */
export function memoryViolation(
  evaluationId: string,
  observedAt: number,
  observed = 512,
): EventOf<'sla:violation'>['violation'] {
  return {
    rule: 'memoryMb',
    limit: 500,
    observed,
    unit: 'MB',
    action: 'abort',
    evaluationId,
    observedAt,
    killedAt: observedAt,
    goneAt: observedAt + 6,
    lateByHostMs: 0,
    pausedMs: 0,
    message: `memoryMb: ${observed} MB resident, the limit is 500 MB, in item "game 3".`,
  };
}
