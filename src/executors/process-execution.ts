import { randomUUID } from 'node:crypto';
import { close, openSync, write } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { deserialize } from 'node:v8';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../errors/index.ts';
import type { Sample, Usage, Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { filesOf, type ProgressReport, type StartOrder, type Verdict } from '../wire/index.ts';
import type { Job } from './executor.ts';
import type { PackedInput } from './packed-input.ts';
import { inheritedNodeArgs, presentModule, siblingEntry } from './sibling-url.ts';
import type { Slots } from './slots.ts';
import { supervisorLink, type Heard } from './supervisor-link.ts';

export interface ProcessExecutionOptions {
  readonly module: URL;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly job: Job;
  readonly input: () => PackedInput;
  readonly slots: Slots;
}

interface Outcome {
  readonly result: (value: unknown) => void;
  readonly error: (error: unknown) => void;
}

type Settled = Extract<Heard, { type: 'settled' }>;

/** Waiting for a slot, at work in the supervisor's hands, or over. */
type Phase = 'waiting' | 'ordered' | 'over';

/** One job's way through the supervisor, seen from the host. */
export class ProcessExecution {
  readonly #options: ProcessExecutionOptions;
  readonly #job: Job;
  readonly #id = randomUUID();
  #folder: string | undefined;
  #phase: Phase = 'waiting';
  #outcome: Outcome | undefined;
  #abortReason: string | Violation | undefined;
  #inputError: EvaluationError | undefined;
  #queuedMs = 0;
  #saidUnmeasured = false;
  #leaveSlot: () => void = () => undefined;

  constructor(options: ProcessExecutionOptions) {
    this.#options = options;
    this.#job = options.job;
  }

  /** Begins. @returns the kill. */
  run(outcome: Outcome): () => void {
    this.#outcome = outcome;
    const input = this.#options.input();
    const waitingSince = performance.now();
    if ('error' in input) {
      this.#finish();
      outcome.error(input.error);
      return () => undefined;
    }
    const stopListening = this.#job.onAbort((reason) => {
      this.#onAbort(reason);
    });
    const leave = this.#options.slots.take(() => {
      if (this.#phase !== 'waiting') return;
      this.#phase = 'ordered';
      this.#queuedMs = performance.now() - waitingSince;
      try {
        const order = this.#order(input.bytes, supervisorLink().scratch.folder());
        this.#writeInput(input.bytes, order.folder);
        supervisorLink().start(order, (heard) => {
          this.#hear(heard);
        });
      } catch (error) {
        this.#finish();
        outcome.error(this.#notWritten(error));
      }
    });
    this.#leaveSlot = () => {
      stopListening();
      leave();
    };
    if (this.#isOver()) this.#leaveSlot();
    return () => {
      this.#outcome = undefined;
      if (this.#phase === 'waiting') this.#finish();
      else if (this.#phase === 'ordered') supervisorLink().kill(this.#id);
    };
  }

  /** A method, so that the compiler does not take what a callback has changed for constant. */
  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #onAbort(reason: string | Violation): void {
    this.#abortReason = reason;
    if (this.#phase === 'ordered') supervisorLink().abort(this.#id);
    else if (this.#phase === 'waiting') {
      this.#finish();
      this.#outcome?.error(abortError(reason));
    }
  }

  #order(bytes: Buffer, folder: string): StartOrder {
    this.#folder = folder;
    const { id: evaluationId, name, seed, limits, graceMs, maxResultMb } = this.#job;
    const { nodeArgs, env, module } = this.#options;
    return {
      id: this.#id,
      evaluationId,
      name,
      module: presentModule(module).href,
      entry: fileURLToPath(siblingEntry('../evaluator/entry', import.meta.url)),
      nodeArgs: [...inheritedNodeArgs(), ...nodeArgs],
      env,
      folder,
      inputBytes: bytes.length,
      seed,
      limits,
      graceMs,
      maxResultMb,
    };
  }

  /** One write, which the thread pool finishes however busy this thread is: the supervisor sees by the size that it is whole. */
  #writeInput(bytes: Buffer, folder: string): void {
    const fd = openSync(filesOf(folder).input, 'w', 0o600);
    write(fd, bytes, (error, written) => {
      close(fd, () => undefined);
      if (error === null && written === bytes.length) return;
      this.#inputError = this.#notWritten(error ?? new Error(`only ${written} of ${bytes.length} bytes were written`));
      if (this.#phase === 'ordered') supervisorLink().kill(this.#id);
    });
  }

  #notWritten(cause: unknown): EvaluationError {
    const reason = reasonOf(cause);
    const message = `The input of "${this.#job.name}" could not be handed over: ${reason}. Make room in ${supervisorLink().scratch.root}, or pass less.`;
    return new EvaluationError('rejected', 'INPUT_NOT_WRITTEN', message, { cause });
  }

  #hear(heard: Heard): void {
    const { telemetry } = this.#job;
    switch (heard.type) {
      case 'started':
        telemetry.next({ type: 'started', pid: heard.pid, queuedMs: heard.queuedMs + this.#queuedMs });
        break;
      case 'report':
        this.#tellSample(heard.sample);
        if (heard.progress !== undefined) this.#tellProgress(heard.progress);
        break;
      case 'settled':
        void this.#settle(heard);
        break;
      case 'lost':
        this.#finish();
        this.#outcome?.error(
          new EvaluationError(
            'crashed',
            'SUPERVISOR_LOST',
            `The supervisor process was lost (${heard.how}), and its evaluators with it: the next evaluation gets a new one.`,
          ),
        );
    }
  }

  #tellSample(sample: Sample): void {
    const { telemetry } = this.#job;
    if (sample.memoryMb === null && !this.#saidUnmeasured) {
      this.#saidUnmeasured = true;
      const why = 'a process tree can be measured on Linux only (no /proc here)';
      telemetry.next({ type: 'unmeasured', rule: 'memoryMb', why });
    }
    telemetry.next({ type: 'sample', ...sample });
  }

  #tellProgress({ items, progress }: ProgressReport): void {
    const { telemetry } = this.#job;
    const total = progress?.total;
    telemetry.next({ type: 'item', ...items, ...(total !== undefined && { total }) });
    if (progress !== null) telemetry.next({ type: 'progress', ...progress });
  }

  /** What was learned before the end; what cannot be read is as if it had not been told. */
  async #tellPartial({ partials }: ProgressReport): Promise<void> {
    if (partials === 0 || this.#folder === undefined) return;
    try {
      const value = deserialize(await readFile(filesOf(this.#folder).partial)) as unknown;
      this.#job.telemetry.next({ type: 'partial', value });
    } catch {
      // the evaluator has removed or spoilt it
    }
  }

  async #settle({ verdict, usage, report, dropped, output }: Settled): Promise<void> {
    const heardAt = Date.now();
    this.#tellProgress(report);
    for (const each of dropped) this.#job.telemetry.next({ type: 'dropped', ...each });
    if (verdict.kind !== 'result') await this.#tellPartial(report);
    const result =
      verdict.kind === 'result' ? await this.#readResult() : { error: this.#errorOf(verdict, heardAt, output) };
    this.#finish({ ...usage, queuedMs: usage.queuedMs + this.#queuedMs });
    if ('error' in result) this.#outcome?.error(result.error);
    else this.#outcome?.result(result.value);
  }

  async #readResult(): Promise<{ readonly value: unknown } | { readonly error: EvaluationError }> {
    try {
      return { value: deserialize(await readFile(filesOf(this.#folder ?? '').result)) as unknown };
    } catch (cause) {
      const message = `The result of "${this.#job.name}" could not be read.`;
      return { error: new EvaluationError('rejected', 'RESULT_NOT_READABLE', message, { cause }) };
    }
  }

  #errorOf(verdict: Exclude<Verdict, { kind: 'result' }>, heardAt: number, output: string): EvaluationError {
    switch (verdict.kind) {
      case 'breach': {
        const { breach } = verdict;
        const lateByHostMs = Math.max(0, heardAt - breach.goneAt);
        const violation = {
          ...breach,
          action: 'abort' as const,
          evaluationId: this.#job.id,
          lateByHostMs,
          pausedMs: 0,
        };
        return EvaluationError.ofViolation(violation);
      }
      case 'failed': {
        const lastWords = output.trim() === '' ? '' : `\nIts last output:\n${output.trim()}`;
        const cause =
          verdict.stack === undefined ? undefined : Object.assign(new Error(verdict.message), { stack: verdict.stack });
        return new EvaluationError(verdict.errorKind, verdict.code, verdict.message + lastWords, { cause });
      }
      case 'stopped': {
        const { killedAt, goneAt } = verdict;
        const reason = this.#abortReason ?? 'it was unsubscribed from';
        if (this.#inputError !== undefined) return this.#inputError;
        return abortError(typeof reason === 'string' ? reason : { ...reason, killedAt, goneAt });
      }
    }
  }

  /** The slot and the folder are given back, and what it took is told, when the last process is gone. */
  #finish(usage: Partial<Usage> = {}): void {
    if (this.#isOver()) return;
    this.#phase = 'over';
    this.#job.telemetry.next({ type: 'usage', usage });
    this.#leaveSlot();
    this.#leaveSlot = () => undefined;
    if (this.#folder !== undefined) void supervisorLink().scratch.remove(this.#folder);
  }
}

function abortError(reason: string | Violation): EvaluationError {
  return typeof reason === 'string' ? EvaluationError.cancelled(reason) : EvaluationError.ofViolation(reason);
}
