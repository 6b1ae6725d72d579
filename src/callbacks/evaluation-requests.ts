import { join } from 'node:path';
import { createJob, seedOf, type Job, type Telemetry } from '../executors/index.ts';
import { reasonOf } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import {
  admit,
  idleAdmission,
  type AdmissionDecision,
  type AdmissionEvent,
  type AdmissionState,
  type SkipReason,
} from './admission.ts';
import { execute, type Execution, type Workplace } from './evaluation-execution.ts';
import { outcomeOf, type Settlement } from './evaluation-outcome.ts';
import { EvaluationRecord, type EvaluationKey } from './evaluation-record.ts';
import type { EvaluationSubject } from './evaluation-subject.ts';
import { isThenable } from './is-thenable.ts';

/** A request on its way: it has been told, and has not ended. */
interface Pending {
  readonly key: EvaluationKey;
  readonly subject: EvaluationSubject;
  readonly record: EvaluationRecord;
  readonly resumed: boolean;
  /** Lets its checkpoint file go. */
  readonly unpin: (() => void) | undefined;
  job?: Job;
  execution?: Execution;
  /** Who has asked it to end, the first of them. */
  endedBy?: 'stop' | 'others';
  /** It has been cancelled, which is carried out in its turn: until then it does not begin. */
  isCancelled: boolean;
}

/** The evaluations of the latest epoch that were asked for and not skipped. */
export interface NewestRequests {
  readonly epoch: number;
  readonly ids: Set<string>;
}

/** How what runs is ended: asked, or at once. */
interface Ending {
  readonly how: 'stop' | 'kill';
  readonly reason: string;
}

/**
 * The requests of one evaluation in one run, from `evaluation:requested` to `evaluation:end` or `evaluation:skipped`: exactly one
 * of these for each, whatever happens.
 *
 * Decisions are taken one after the other: what is asked for while one is carried out waits until that is done.
 */
export class EvaluationRequests {
  readonly #workplace: Workplace;
  readonly #nextId: (epoch: number) => string;
  readonly #onIdle: () => void;
  readonly #pending = new Map<string, Pending>();
  /** What gives no event is carried out by itself. */
  readonly #inbox: (() => AdmissionEvent | undefined)[] = [];
  #admission: AdmissionState = idleAdmission;
  #isDeciding = false;
  #ending: Ending = { how: 'stop', reason: 'a newer request came' };
  #isClosed = false;
  #newest: NewestRequests;

  /**
   * @param onIdle called once, when it is closed and nothing runs any more
   * @param newest of before a resumption
   */
  constructor(
    workplace: Workplace,
    nextId: (epoch: number) => string,
    onIdle: () => void,
    newest: NewestRequests = { epoch: -1, ids: new Set() },
  ) {
    this.#workplace = workplace;
    this.#nextId = nextId;
    this.#onIdle = onIdle;
    this.#newest = newest;
  }

  /** Whether an evaluation of this epoch, the newest, was asked for and not skipped. */
  covers(epoch: number): boolean {
    return this.#newest.epoch === epoch && this.#newest.ids.size > 0;
  }

  /**
   * @param options `resumed`: it had been asked for before, and was lost
   * @returns whether the run still takes requests.
   */
  request(subject: EvaluationSubject, { resumed }: { readonly resumed: boolean } = { resumed: false }): boolean {
    if (this.#isClosed || this.#workplace.desk.course === 'over') return false;
    const { settings, desk, run, breaker } = this.#workplace;
    const { epoch, step } = subject;
    const key = { evaluationId: this.#nextId(epoch), name: settings.name, epoch, step };
    const id = key.evaluationId;
    const unpin = subject.checkpoint && desk.pins.pin(subject.checkpoint.path);
    const record = new EvaluationRecord(key, desk, run.clock);
    this.#pending.set(id, { key, subject, resumed, record, unpin, isCancelled: false });
    if (epoch > this.#newest.epoch) this.#newest = { epoch, ids: new Set() };
    if (epoch === this.#newest.epoch) this.#newest.ids.add(id);
    this.#decide(() => {
      desk.publish({ type: 'evaluation:requested', ...key });
      return { kind: 'requested', id, permitted: breaker?.wouldPermit() ?? true };
    });
    return true;
  }

  /**
   * What is in flight is asked to end, and what waits ends without having begun. What comes later is heard.
   *
   * @returns whether anything was in flight.
   */
  cancel(reason: string): boolean {
    const inFlight = [...this.#pending.values()];
    for (const pending of inFlight) {
      pending.endedBy ??= 'others';
      pending.isCancelled = true;
    }
    // In its turn: what is just being begun has no execution yet, and what was just asked for is not told yet.
    if (inFlight.length > 0)
      this.#decide(() => {
        this.#cancelAll(inFlight, reason);
        return undefined;
      });
    return inFlight.length > 0;
  }

  /** What runs is asked to end, what waits and what comes is skipped. */
  stop(reason: string): void {
    this.#ending = { how: 'stop', reason };
    this.#decide(() => ({ kind: 'stopping' }));
  }

  /** What runs is ended at once, what waits is skipped, what comes is not heard. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#ending = { how: 'kill', reason };
    this.#decide(() => ({ kind: 'stopping' }));
  }

  #decide(turn: () => AdmissionEvent | undefined): void {
    this.#inbox.push(turn);
    if (this.#isDeciding) return;
    this.#isDeciding = true;
    const { overlap, executor } = this.#workplace.settings;
    const policy = { overlap, slots: executor.slots ?? Infinity };
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        const event = next();
        if (event === undefined) continue;
        const { state, decisions } = admit(policy, this.#admission, event);
        this.#admission = state;
        for (const decision of decisions) this.#carryOut(decision);
      }
    } finally {
      this.#isDeciding = false;
    }
    if (this.#isClosed && this.#pending.size === 0) this.#onIdle();
  }

  #cancelAll(asked: readonly Pending[], reason: string): void {
    const inFlight = asked.filter(({ key }) => this.#pending.has(key.evaluationId));
    for (const pending of inFlight) {
      if (pending.execution !== undefined) continue;
      const { kind, code, message } = EvaluationError.cancelled(reason);
      pending.record.end({ status: 'cancelled', error: { kind, code, message } });
      this.#ended(pending);
    }
    for (const { execution } of inFlight) execution?.stop(reason);
  }

  #carryOut(decision: AdmissionDecision): void {
    const pending = this.#pending.get(decision.id);
    if (pending === undefined) return;
    switch (decision.kind) {
      case 'start':
        if (!pending.isCancelled) this.#start(pending);
        break;
      case 'wait':
        if (!pending.isCancelled) this.#prepare(pending, { waits: true });
        break;
      case 'skip':
        this.#skip(pending, decision.reason);
        break;
      case 'abort':
        pending.endedBy ??= this.#isStopped() ? 'stop' : 'others';
        pending.execution?.[this.#ending.how](this.#ending.reason);
    }
  }

  #start(pending: Pending): void {
    const { settings, desk } = this.#workplace;
    const job = pending.job ?? this.#prepare(pending, { waits: false });
    if (job === undefined) return;
    for (const { rule, why } of settings.unenforceable) desk.publishOnce({ type: 'sla:unenforceable', rule, why });
    if (pending.isCancelled) return; // by its own input, or by who heard this
    pending.execution = execute(job, pending.record, this.#workplace, (settlement) => {
      this.#settled(pending, settlement);
    });
  }

  /** Makes the job, with an input of its own where it will wait. An input that fails is the end of the evaluation. */
  #prepare(pending: Pending, { waits }: { readonly waits: boolean }): Job | undefined {
    const { key, subject, record, resumed } = pending;
    const { executor, limits, graceMs, maxResultMb, input } = this.#workplace.settings;
    const { evaluationId: id, name, epoch, step } = key;
    try {
      const made = input({ ...subject, resumed });
      if (isThenable(made)) {
        void Promise.resolve(made).catch(() => undefined); // refused, so that nobody else hears how it fails
        throw new TypeError('it gave a promise, and the input is taken at once: await before, or in the evaluator');
      }
      const job = createJob<unknown>({
        id,
        name,
        input: waits && executor.pack === undefined ? snapshotOf(made) : made,
        seed: seedOf(name, epoch, step),
        limits,
        graceMs,
        maxResultMb,
        logFolder: logFolderOf(this.#workplace.desk.folder, id),
        telemetry: { next: telemetryOf(record, this.#workplace) },
      });
      if (waits) executor.pack?.(job as Job<never>);
      pending.job = job;
      return job;
    } catch (error) {
      const message = `The function "input" of "${name}" failed: ${reasonOf(error)}`;
      record.end({ status: 'failed', error: { code: 'INPUT_FAILED', kind: 'rejected', message } });
      this.#ended(pending);
      return undefined;
    }
  }

  #settled(pending: Pending, settlement: Settlement): void {
    if (settlement.kind === 'refused') {
      this.#skip(pending, 'breaker-open');
    } else {
      const outcome = outcomeOf(settlement);
      // What failed or was cancelled says little of what it would have told.
      if (outcome.status === 'completed' || outcome.status === 'violated') this.#tellUnmeasured(pending.record);
      const isStopped = outcome.status === 'cancelled' && pending.endedBy === 'stop';
      pending.record.end(isStopped ? { ...outcome, stopped: true } : outcome);
    }
    this.#ended(pending);
  }

  /** Whether `trainer.stop` is why nothing begins any more. */
  #isStopped(): boolean {
    return !this.#isClosed && this.#admission.phase === 'stopping' && this.#workplace.desk.course === 'stopped';
  }

  #tellUnmeasured({ measured, heldByExecutor = [] }: EvaluationRecord): void {
    const { settings, desk } = this.#workplace;
    const { name, sla, unenforceable } = settings;
    if (sla === false) return;
    const tell = (rule: string, why: string): void => {
      if (unenforceable.every((other) => other.rule !== rule)) desk.publishOnce({ type: 'sla:unmeasured', rule, why });
    };
    if (!measured.items)
      tell('itemTimeMs', `"${name}" marked no item: item(name, work) around each game or batch does`);
    const told = [
      { rule: 'memoryMb', of: 'memory', isMeasured: measured.memory },
      { rule: 'cpuPercent', of: 'use of the processor', isMeasured: measured.cpu },
      { rule: 'gpuUtilizationPercent', of: 'use of the GPU', isMeasured: measured.gpu },
      { rule: 'gpuMemoryMb', of: 'GPU memory', isMeasured: measured.gpuMemory },
    ] as const;
    for (const { rule, of, isMeasured } of told)
      if (sla[rule] !== undefined && !isMeasured && !heldByExecutor.includes(rule))
        tell(rule, `the executor of "${name}" told no sample of its ${of}`);
  }

  #skip(pending: Pending, reason: SkipReason): void {
    const { key } = pending;
    this.#forget(pending);
    this.#newest.ids.delete(key.evaluationId);
    const stopped = reason === 'stopping' && this.#isStopped() ? { stopped: true } : {};
    this.#workplace.desk.publish({ type: 'evaluation:skipped', ...key, reason, ...stopped });
    this.#pending.delete(key.evaluationId);
  }

  /** What was copied ahead, and its checkpoint file, are needed no more. */
  #forget({ job, unpin }: Pending): void {
    unpin?.();
    if (job === undefined) return;
    const { settings, desk } = this.#workplace;
    try {
      settings.executor.forget?.(job as Job<never>);
    } catch (error) {
      // Whatever it keeps: the evaluation has ended, and the next one is due.
      const message = `its executor, told to forget what is over: ${reasonOf(error)}`;
      desk.publish({ type: 'callback:error', callback: settings.name, error: { message } });
    }
  }

  #ended(pending: Pending): void {
    const { evaluationId: id } = pending.key;
    this.#forget(pending);
    this.#pending.delete(id);
    this.#decide(() => ({ kind: 'ended', id }));
  }
}

/** What an executor of one's own tells may be anything: what cannot be read is said, once an evaluation, and holds up nothing. */
function telemetryOf(record: EvaluationRecord, { settings: { name }, desk }: Workplace): (telling: Telemetry) => void {
  let isSaid = false;
  return (telling) => {
    try {
      record.tell(telling);
    } catch (error) {
      if (isSaid) return;
      isSaid = true;
      const message = `its executor told what is no telemetry: ${reasonOf(error)}`;
      desk.publish({ type: 'callback:error', callback: name, error: { message } });
    }
  };
}

/** Where the run keeps what this evaluation prints; its id may hold what no folder's name can. */
function logFolderOf(runFolder: string | undefined, evaluationId: string): string | undefined {
  if (runFolder === undefined) return undefined;
  return join(runFolder, 'output', evaluationId.replace(/[^\w.@+=-]/g, '_').slice(0, 200));
}

/** A copy, because the training goes on changing its arrays; what cannot be copied goes as it is. */
function snapshotOf(input: unknown): unknown {
  try {
    return structuredClone(input);
  } catch {
    return input;
  }
}
