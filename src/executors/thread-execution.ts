import { randomUUID } from 'node:crypto';
import { reasonOf, told } from '../errors/index.ts';
import type { Usage, Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { machineNowMs, unpackValue } from '../wire/index.ts';
import type { Job } from './executor.ts';
import { presentModule } from './sibling-url.ts';
import type { Slots } from './slots.ts';
import { tellReport } from './tell-report.ts';
import { threadError } from './thread-error.ts';
import type { ThreadInput } from './thread-input.ts';
import { watchdogLink, type HeardOfThread } from './thread-link.ts';
import type { SettledThread } from './thread-messages.ts';
import { abortError } from './verdict-error.ts';

export interface ThreadExecutionOptions {
  readonly module: URL;
  readonly job: Job;
  readonly input: ThreadInput;
  readonly slots: Slots;
}

interface Outcome {
  readonly result: (value: unknown) => void;
  readonly error: (error: unknown) => void;
}

/** Waiting for a slot, at work in the watchdog's hands, or over; of a `stuck` one only the slot is still taken. */
type Phase = 'waiting' | 'ordered' | 'stuck' | 'over';

/** One job's way through a thread, seen from the host. */
export class ThreadExecution {
  readonly #options: ThreadExecutionOptions;
  readonly #job: Job;
  readonly #id = randomUUID();
  #phase: Phase = 'waiting';
  #outcome: Outcome | undefined;
  #abortReason: string | Violation | undefined;
  #queuedMs = 0;
  #leaveSlot: () => void = () => undefined;
  #stopListening: () => void = () => undefined;

  constructor(options: ThreadExecutionOptions) {
    this.#options = options;
    this.#job = options.job;
  }

  /** Begins. @returns the kill. */
  run(outcome: Outcome): () => void {
    const { input, slots } = this.#options;
    this.#outcome = outcome;
    if ('error' in input) {
      this.#end({}, () => {
        outcome.error(input.error);
      });
      return () => undefined;
    }
    const waitingSinceMs = machineNowMs();
    this.#stopListening = this.#job.onAbort((reason) => {
      this.#onAbort(reason);
    });
    if (this.#is('waiting')) {
      const leave = slots.take(() => {
        if (!this.#is('waiting')) return;
        this.#queuedMs = machineNowMs() - waitingSinceMs;
        this.#begin(input.bytes);
      });
      this.#leaveSlot = leave;
      // What was over before it had a slot to leave.
      if (this.#is('over')) leave();
    } else this.#stopListening();
    return () => {
      this.#outcome = undefined;
      if (this.#phase === 'waiting') this.#end({});
      else if (this.#phase === 'ordered') watchdogLink().kill(this.#id);
    };
  }

  /** A method, so that the compiler does not take what a callback has changed for constant. */
  #is(phase: Phase): boolean {
    return this.#phase === phase;
  }

  /** Gives the order. Nobody else would ever end what could not be ordered. */
  #begin(input: ArrayBuffer): void {
    this.#phase = 'ordered';
    const { name, seed, limits, graceMs, maxResultMb, logFolder } = this.#job;
    try {
      const module = presentModule(this.#options.module).href;
      watchdogLink().start(
        { id: this.#id, name, module, seed, limits, graceMs, maxResultMb, logFolder, input },
        (heard) => {
          this.#hear(heard);
        },
      );
    } catch (cause) {
      const message = `The evaluation ${told(name)} could not be handed to the watchdog thread: ${reasonOf(cause)}`;
      this.#end({}, () => {
        this.#outcome?.error(new EvaluationError('rejected', 'EVALUATION_NOT_STARTED', message, { cause }));
      });
    }
  }

  #onAbort(reason: string | Violation): void {
    this.#abortReason = reason;
    if (this.#phase === 'ordered') watchdogLink().abort(this.#id);
    else if (this.#phase === 'waiting') {
      const outcome = this.#outcome;
      this.#end({}, () => {
        outcome?.error(abortError(reason));
      });
    }
  }

  #hear(heard: HeardOfThread): void {
    const { telemetry, limits } = this.#job;
    switch (heard.type) {
      case 'started':
        if (limits.memoryMb !== undefined)
          telemetry.next({ type: 'unenforceable', rule: 'memoryMb', why: sharedMemory });
        telemetry.next({ type: 'started', queuedMs: this.#queuedMs });
        break;
      case 'report':
        tellReport(telemetry, heard);
        break;
      case 'settled':
        this.#settle(heard);
        break;
      case 'gone':
        this.#giveSlotBack();
        break;
      case 'lost':
        if (this.#phase === 'stuck') this.#giveSlotBack();
        else this.#lost(heard.how);
    }
  }

  #settle(settled: SettledThread): void {
    const { id: evaluationId, telemetry } = this.#job;
    const lateByHostMs = Math.max(0, machineNowMs() - settled.toldMachineMs);
    tellReport(telemetry, { progress: settled.report, dropped: settled.dropped });
    this.#tellPartial(settled.partial);
    const usage = { ...settled.usage, queuedMs: this.#queuedMs };
    const answer =
      settled.result === undefined
        ? { error: threadError(settled, { evaluationId, abortReason: this.#abortReason, lateByHostMs }) }
        : this.#unpacked(settled.result);
    const tell = (): void => {
      if ('error' in answer) this.#outcome?.error(answer.error);
      else this.#outcome?.result(answer.value);
    };
    this.#end(usage, tell, settled.isStuck);
  }

  /** What was learned before the end; what cannot be read is as if it had not been told. */
  #tellPartial(partial: Uint8Array | undefined): void {
    if (partial === undefined) return;
    let value: unknown;
    try {
      value = unpackValue(partial, trusted);
    } catch {
      return; // the evaluator has spoilt it
    }
    this.#job.telemetry.next({ type: 'partial', value });
  }

  #unpacked(result: Uint8Array): { readonly value: unknown } | { readonly error: EvaluationError } {
    try {
      return { value: unpackValue(result, trusted) };
    } catch (cause) {
      const message = `The result of "${this.#job.name}" could not be read: ${reasonOf(cause)}`;
      return { error: new EvaluationError('rejected', 'RESULT_NOT_READABLE', message, { cause }) };
    }
  }

  #lost(how: string): void {
    const message = `The watchdog thread was lost (${how}), and the threads of its evaluations with it: the next evaluation gets a new one.`;
    this.#end({}, () => {
      this.#outcome?.error(new EvaluationError('crashed', 'WATCHDOG_LOST', message));
    });
  }

  /** The last word of its telemetry, then the slot, then the outcome. Of a stuck thread the slot is kept. */
  #end(usage: Partial<Usage>, tell: () => void = () => undefined, isStuck = false): void {
    this.#phase = isStuck ? 'stuck' : 'over';
    this.#job.telemetry.next({ type: 'usage', usage });
    this.#stopListening();
    if (!isStuck) this.#giveSlotBack();
    tell();
  }

  #giveSlotBack(): void {
    this.#phase = 'over';
    this.#leaveSlot();
    this.#leaveSlot = () => undefined;
  }
}

/** Why the memory of a thread is neither measured nor held. */
export const sharedMemory = 'a worker thread shares the memory of the training process';

/** This very process has packed it. */
const trusted = { heapBytes: Infinity };
