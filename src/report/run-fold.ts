import type { EventOf, JournalledEvent } from '../events/index.ts';
import { BreakersFold } from './breakers-fold.ts';
import { CheckpointsFold } from './checkpoints-fold.ts';
import { EpochsFold } from './epochs-fold.ts';
import { EvaluationsFold } from './evaluations-fold.ts';
import type { Resumption, RunFacts, RunReport } from './run-report.ts';
import { StepsFold } from './steps-fold.ts';
import { TroubleFold } from './trouble-fold.ts';
import { ViolationsFold } from './violations-fold.ts';

/**
 * Makes a report of a run's events, told one by one and kept as little as can be.
 *
 * Where the run went on in another process (`run:resume`), what was told after the checkpoint is forgotten, as it is told again; what
 * is of evaluations at or before it stays.
 *
 * @example
 * const fold = new RunFold();
 * for (const event of await readJournal('.pitwall/minishogi-1')) fold.tell(event);
 * console.log(fold.report().evaluations.counts);
 */
export class RunFold {
  readonly #epochs = new EpochsFold();
  readonly #steps = new StepsFold();
  readonly #evaluations = new EvaluationsFold();
  readonly #violations = new ViolationsFold(() => this.#startedAt ?? 0);
  readonly #breakers = new BreakersFold();
  readonly #checkpoints = new CheckpointsFold();
  readonly #trouble = new TroubleFold();
  readonly #resumptions: Resumption[] = [];
  #start: EventOf<'run:start'> | undefined;
  #resumed: EventOf<'run:resume'> | undefined;
  #end: EventOf<'run:end'> | undefined;
  #startedAt: number | undefined;
  #lastAt = 0;
  #awayMs = 0;
  #runId = '';
  #events = 0;

  /** Takes the next event. A type that it does not know, of a newer version, says nothing to it. */
  tell(event: JournalledEvent): void {
    const { at } = event;
    if (this.#startedAt === undefined) {
      this.#startedAt = at;
      this.#runId = event.runId;
    }
    this.#events++;
    this.#steps.see(event);
    this.#sort(event);
    this.#lastAt = at;
  }

  /** What is known by now. */
  report({
    torn = null,
    isLocked = false,
  }: { readonly torn?: string | null; readonly isLocked?: boolean } = {}): RunReport {
    const startedAt = this.#startedAt ?? 0;
    return {
      run: { ...this.#facts(startedAt), isLocked },
      resumptions: this.#resumptions,
      evaluations: {
        counts: this.#evaluations.counts(),
        byName: this.#evaluations.byName(),
        ...this.#evaluations.told(startedAt),
      },
      metrics: this.#epochs.curves(),
      results: this.#evaluations.curves(),
      steps: this.#steps.rate(startedAt),
      violations: this.#violations.told(),
      breakers: this.#breakers.told(startedAt),
      checkpoints: this.#checkpoints.told(startedAt),
      overhead: this.#end?.overhead ?? null,
      overheadSinceMs: this.#end === undefined ? null : (this.#resumptions.at(-1)?.atMs ?? 0),
      trouble: this.#trouble.told(torn),
      config: this.#resumed?.config ?? this.#start?.config ?? {},
    };
  }

  #facts(startedAt: number): Omit<RunFacts, 'isLocked'> {
    const end = this.#end;
    return {
      id: this.#runId,
      name: this.#start?.name ?? this.#runId,
      status: end?.status ?? 'no-end',
      reason: end?.reason ?? null,
      error: end?.error === undefined ? null : { message: end.error.message, code: end.error.code ?? null },
      startedAt,
      lastAt: this.#lastAt,
      durationMs: this.#lastAt - startedAt,
      awayMs: this.#awayMs,
      epochsPlanned: this.#resumed?.epochs ?? this.#start?.epochs ?? 0,
      epochsDone: this.#epochs.done,
      steps: this.#steps.steps,
      events: this.#events,
    };
  }

  #sort(event: JournalledEvent): void {
    switch (event.type) {
      case 'run:start':
        this.#start = event;
        break;
      case 'run:resume':
        this.#resume(event);
        break;
      case 'epoch:start':
        this.#steps.begin(event.at);
        break;
      case 'epoch:end':
        this.#epochs.end(event);
        if (event.checkpoint !== undefined)
          this.#checkpoints.add({
            ...event.checkpoint,
            ...momentOf(event),
            step: event.step ?? null,
            isOfEnd: event.interrupted !== true,
          });
        break;
      case 'checkpoint':
        this.#checkpoints.add({
          ...momentOf(event),
          step: event.step,
          path: event.path,
          hash: event.hash,
          isOfEnd: false,
        });
        break;
      case 'step:summary':
        this.#steps.summary(event);
        break;
      case 'training:end':
        this.#steps.steps = event.steps;
        break;
      case 'run:end':
        this.#end = event;
        this.#steps.steps = event.steps;
        break;
      case 'evaluation:requested':
        this.#evaluations.requested(event);
        break;
      case 'evaluation:skipped':
        this.#evaluations.skipped(event);
        break;
      case 'evaluation:start':
        this.#evaluations.started(event);
        break;
      case 'evaluation:sample':
        this.#violations.sample(event);
        break;
      case 'evaluation:end':
        this.#evaluations.ended(event);
        this.#violations.end(event);
        break;
      case 'sla:violation':
        this.#violations.broken(event.violation, this.#evaluations.get(event.violation.evaluationId));
        break;
      case 'sla:recovered':
        this.#violations.recovered(event);
        break;
      case 'sla:unmeasured':
        this.#trouble.unmeasured(event);
        break;
      case 'sla:unenforceable':
        this.#trouble.unenforceable(event);
        break;
      case 'breaker:transition':
        this.#breakers.transition(event);
        break;
      case 'callback:error':
        this.#trouble.error(event);
        break;
      case 'callback:slow':
        this.#trouble.slow(event);
        break;
      case 'dropped':
        this.#trouble.dropped(event);
        break;
      case 'evaluation:progress':
      case 'custom':
        break;
    }
  }

  #resume(event: EventOf<'run:resume'>): void {
    const { at, fromSeq, fromEpoch } = event;
    const awayMs = Math.max(0, at - this.#lastAt);
    this.#awayMs += awayMs;
    this.#resumptions.push({ atMs: at - (this.#startedAt ?? at), fromSeq, fromEpoch, awayMs });
    this.#resumed = event;
    this.#end = undefined;
    const { steps, lastStep } = this.#checkpoints.resume(event);
    this.#epochs.resume(fromSeq);
    this.#steps.resume(fromSeq, steps);
    this.#steps.begin(at);
    this.#evaluations.resume(
      ({ seq, epoch, step }) => seq <= fromSeq || epoch < fromEpoch || (epoch === fromEpoch && step <= lastStep),
    );
    this.#violations.resume((evaluationId) => this.#evaluations.get(evaluationId) !== undefined);
  }
}

function momentOf({ seq, at, epoch }: EventOf<'epoch:end' | 'checkpoint'>): {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
} {
  return { seq, at, epoch };
}
