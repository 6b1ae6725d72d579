import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { reasonOf } from '../errors/index.ts';
import type { Sample, Usage, Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import {
  machineNowMs,
  type ProgressReport,
  type Program,
  type StartOrder,
  type Unenforceable,
  type Verdict,
} from '../wire/index.ts';
import type { Job } from './executor.ts';
import { bytesOf, writeInput } from './input-writer.ts';
import type { InputFile, PackedFiles, PackedInput } from './packed-input.ts';
import type { EvaluationFolder } from './scratch.ts';
import type { Slots } from './slots.ts';
import { supervisorLink, type Heard } from './supervisor-link.ts';
import { tellReport } from './tell-report.ts';
import { abortError, errorOfVerdict } from './verdict-error.ts';

/** Where an answer lies. */
export interface Answer {
  /** The evaluation's own folder. */
  readonly folder: string;
  /** Where a result is for which there was no room in it. */
  readonly spillFolder: string | undefined;
  /** The last 64 KB of a command's stdout. */
  readonly stdout: string;
  readonly name: string;
  readonly maxResultMb: number;
}

/** What one kind of executor has run in the supervisor's hands, and how its answer is read. */
export interface SupervisedWork<Packed extends PackedFiles = PackedFiles> {
  /** Takes its own copy of a job's input. */
  readonly pack: (job: Job) => PackedInput<Packed>;
  readonly program: (folder: string, input: Packed) => Program;
  readonly env: Readonly<Record<string, string>>;
  readonly warm?: StartOrder['warm'];
  /** Rejects with an `EvaluationError`. */
  readonly readResult: (answer: Answer) => Promise<unknown>;
  /** Rejects where there is none, or it is spoilt. */
  readonly readPartial: (answer: Answer) => Promise<unknown>;
}

export interface SupervisedExecutionOptions<Packed extends PackedFiles> {
  readonly work: SupervisedWork<Packed>;
  readonly job: Job;
  readonly input: () => PackedInput<Packed>;
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
export class SupervisedExecution<Packed extends PackedFiles> {
  readonly #options: SupervisedExecutionOptions<Packed>;
  readonly #job: Job;
  readonly #id = randomUUID();
  #folder: EvaluationFolder | undefined;
  #phase: Phase = 'waiting';
  #outcome: Outcome | undefined;
  #abortReason: string | Violation | undefined;
  #inputError: EvaluationError | undefined;
  /** The input is written, or could not be; never rejects. */
  #written: Promise<void> | undefined;
  #waitingSinceMs = 0;
  #queuedMs = 0;
  #saidUnmeasured = false;
  #leaveSlot: () => void = () => undefined;
  /** Gives the input's memory back: at the end, or when it is written. */
  #release: (() => void) | undefined;

  constructor(options: SupervisedExecutionOptions<Packed>) {
    this.#options = options;
    this.#job = options.job;
  }

  /** Begins. @returns the kill. */
  run(outcome: Outcome): () => void {
    this.#outcome = outcome;
    const input = this.#options.input();
    this.#waitingSinceMs = performance.now();
    if ('error' in input) {
      this.#finish({ queuedMs: 0 });
      outcome.error(input.error);
      return () => undefined;
    }
    this.#release = input.release;
    const stopListening = this.#job.onAbort((reason) => {
      this.#onAbort(reason);
    });
    const leave = this.#options.slots.take(() => {
      if (this.#phase !== 'waiting') return;
      this.#phase = 'ordered';
      this.#queuedMs = performance.now() - this.#waitingSinceMs;
      try {
        this.#begin(input);
      } catch (error) {
        this.#finish({ queuedMs: this.#queuedMs });
        outcome.error(error instanceof EvaluationError ? error : this.#notWritten(error));
      }
    });
    // A job that somebody has made whole by hand may not have it.
    const stopPacing = (this.#job as Partial<Pick<Job, 'onPace'>>).onPace?.(({ order, pauseMs }) => {
      if (this.#phase === 'ordered') supervisorLink().pace(this.#id, order, pauseMs);
    });
    this.#leaveSlot = () => {
      stopListening();
      stopPacing?.();
      leave();
    };
    if (this.#isOver()) this.#leaveSlot();
    return () => {
      this.#outcome = undefined;
      if (this.#phase === 'waiting') this.#leaveQueue();
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
      this.#leaveQueue();
      this.#outcome?.error(abortError(reason));
    }
  }

  /** It never had a slot: all it took was waiting. */
  #leaveQueue(): void {
    this.#finish({ queuedMs: performance.now() - this.#waitingSinceMs });
  }

  /** Writes the input and gives the order. */
  #begin(input: Packed): void {
    const { scratch } = supervisorLink();
    const folder = scratch.folder(bytesOf(input.files('')));
    this.#folder = folder;
    if (folder.fallback !== undefined)
      this.#job.telemetry.next({
        type: 'fallback',
        what: 'hand-over through the temporary folder',
        ...folder.fallback,
      });
    const files = input.files(folder.path);
    // Before anything is written: what throws here leaves only a folder, which goes at the end.
    const order = this.#order(input, files, folder);
    this.#written = this.#write(files, folder);
    supervisorLink().start(order, (heard) => {
      this.#hear(heard);
    });
  }

  /** @returns resolves when the input is written, or could not be; `undefined` where it is written now. */
  #write(files: readonly InputFile[], folder: EvaluationFolder): Promise<void> | undefined {
    const written = writeInput(files, folder.path);
    const release = this.#release;
    // While it is written, its end may not give it back.
    this.#release = undefined;
    if (written === undefined) release?.();
    return written
      ?.catch((error: unknown) => {
        this.#inputError = this.#notWritten(error);
        if (this.#phase === 'ordered') supervisorLink().kill(this.#id);
      })
      .finally(() => release?.());
  }

  #order(input: Packed, files: readonly InputFile[], folder: EvaluationFolder): StartOrder {
    const { id: evaluationId, name, seed, limits, graceMs, maxResultMb, logFolder } = this.#job;
    const { program, env, warm } = this.#options.work;
    return {
      id: this.#id,
      evaluationId,
      name,
      program: program(folder.path, input),
      env,
      folder: folder.path,
      spillFolder: folder.spill,
      logFolder,
      inputs: files.map((file) => ({ path: join(folder.path, file.name), bytes: file.bytes })),
      warm,
      seed,
      limits,
      graceMs,
      maxResultMb,
    };
  }

  #notWritten(cause: unknown): EvaluationError {
    const reason = reasonOf(cause);
    const message = `The input of "${this.#job.name}" could not be handed over: ${reason}. Make room in ${supervisorLink().scratch.parents.join(' or ')}, or pass less.`;
    return new EvaluationError('rejected', 'INPUT_NOT_WRITTEN', message, { cause });
  }

  #hear(heard: Heard): void {
    const { telemetry } = this.#job;
    switch (heard.type) {
      case 'started':
        this.#tellUnenforceable(heard.unenforceable);
        for (const each of heard.unmeasured) this.#tellUnmeasured(each);
        telemetry.next({ type: 'started', pid: heard.pid, queuedMs: heard.queuedMs + this.#queuedMs });
        break;
      case 'report':
        this.#tellMemory(heard.sample);
        tellReport(telemetry, heard);
        break;
      case 'unmeasured':
        this.#tellUnmeasured(heard);
        break;
      case 'paced': {
        const { order, isPaused, atMachineMs } = heard;
        telemetry.next({ type: 'paced', order, isPaused, agoMs: Math.max(0, machineNowMs() - atMachineMs) });
        break;
      }
      case 'unpaceable':
        telemetry.next({ type: 'unenforceable', rule: 'trainingImpactPercent', why: heard.why });
        break;
      case 'throttled':
      case 'recovered': {
        const evaluationId = this.#job.id;
        const violation = { ...heard.throttling, evaluationId, lateByHostMs: 0 };
        telemetry.next({ type: heard.type, violation });
        break;
      }
      case 'discarded':
        break; // heard where it is waited for
      case 'settled':
        void this.#settle(heard);
        break;
      case 'lost':
        // Who measured it has gone with it.
        this.#finish({ pausedMs: null, goneMs: null });
        this.#outcome?.error(
          new EvaluationError(
            'crashed',
            'SUPERVISOR_LOST',
            `The supervisor process was lost (${heard.how}), and its evaluators with it: the next evaluation gets a new one.`,
          ),
        );
    }
  }

  #tellUnenforceable(unenforceable: readonly Unenforceable[]): void {
    for (const { rule, why } of unenforceable)
      if (rule in this.#job.limits) this.#job.telemetry.next({ type: 'unenforceable', rule, why });
  }

  /** Of the GPU's use always: its rule has a default. */
  #tellUnmeasured({ rule, why }: Unenforceable): void {
    if (rule === 'gpuUtilizationPercent' || rule in this.#job.limits)
      this.#job.telemetry.next({ type: 'unmeasured', rule, why });
  }

  #tellMemory({ memoryMb }: Sample): void {
    if (memoryMb !== null || this.#saidUnmeasured) return;
    this.#saidUnmeasured = true;
    const why = 'a process tree can be measured on Linux only (no /proc here)';
    this.#job.telemetry.next({ type: 'unmeasured', rule: 'memoryMb', why });
  }

  /** What was learned before the end; what cannot be read is as if it had not been told. */
  async #tellPartial({ partials }: ProgressReport, answer: Answer): Promise<void> {
    if (partials === 0) return;
    try {
      const value = await this.#options.work.readPartial(answer);
      this.#job.telemetry.next({ type: 'partial', value });
    } catch {
      // the evaluator has removed or spoilt it
    }
  }

  async #settle({ verdict, usage, report, dropped, output, stdout, goneMachineMs }: Settled): Promise<void> {
    const lateByHostMs = Math.max(0, machineNowMs() - goneMachineMs);
    const { name, maxResultMb } = this.#job;
    const { path: folder = '', spill: spillFolder } = this.#folder ?? {};
    const answer: Answer = { folder, spillFolder, stdout, name, maxResultMb };
    tellReport(this.#job.telemetry, { progress: report, dropped });
    // On a full disk nobody else could write there either: the first cause is told.
    if (verdict.kind === 'failed' && verdict.code === 'EVALUATION_NOT_STARTED') await this.#written;
    if (verdict.kind !== 'result') await this.#tellPartial(report, answer);
    const result =
      verdict.kind === 'result'
        ? await this.#readResult(answer)
        : { error: this.#errorOf(verdict, lateByHostMs, output) };
    if (verdict.kind === 'result') await this.#judged(!('error' in result));
    this.#finish({ ...usage, queuedMs: usage.queuedMs + this.#queuedMs });
    if ('error' in result) this.#outcome?.error(result.error);
    else this.#outcome?.result(result.value);
  }

  /** A warm process serves again only after a good answer; after a bad one it has to be gone. */
  async #judged(isReadable: boolean): Promise<void> {
    if (this.#options.work.warm === undefined) return;
    if (isReadable) supervisorLink().accept(this.#id);
    else
      await new Promise<void>((resolve) => {
        supervisorLink().discard(this.#id, resolve);
      });
  }

  async #readResult(answer: Answer): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
    try {
      return { value: await this.#options.work.readResult(answer) };
    } catch (error) {
      if (error instanceof EvaluationError) return { error };
      const message = `The result of "${this.#job.name}" could not be read: ${reasonOf(error)}`;
      return { error: new EvaluationError('rejected', 'RESULT_NOT_READABLE', message, { cause: error }) };
    }
  }

  #errorOf(verdict: Exclude<Verdict, { kind: 'result' }>, lateByHostMs: number, output: string): EvaluationError {
    if (verdict.kind !== 'breach' && this.#inputError !== undefined) return this.#inputError;
    return errorOfVerdict(verdict, {
      evaluationId: this.#job.id,
      abortReason: this.#abortReason,
      lateByHostMs,
      output,
    });
  }

  /** The slot and the folder are given back, and what it took is told, when the last process is gone. */
  #finish(usage: Partial<Usage> = {}): void {
    if (this.#isOver()) return;
    this.#phase = 'over';
    this.#release?.();
    this.#job.telemetry.next({ type: 'usage', usage });
    this.#leaveSlot();
    this.#leaveSlot = () => undefined;
    const folder = this.#folder;
    // Not while it is written to: what is made in it meanwhile would stay.
    if (folder !== undefined) void Promise.resolve(this.#written).then(() => supervisorLink().scratch.remove(folder));
  }
}
