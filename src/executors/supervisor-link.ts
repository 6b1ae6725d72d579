import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { reasonOf } from '../errors/index.ts';
import { processesMarked } from '../probes/index.ts';
import { EvaluationError } from '../sla/index.ts';
import {
  hostMark,
  scratchVariable,
  sweepMark,
  type Capacity,
  type HostToSupervisor,
  type StartOrder,
  type SupervisorToHost,
} from '../wire/index.ts';
import { Scratch } from './scratch.ts';
import { startSupervisor } from './supervisor-process.ts';

/** What is heard of one evaluation; `lost` is the supervisor's own death, told when nothing of the evaluation is left. */
export type Heard = Extract<SupervisorToHost, { id: string }> | { readonly type: 'lost'; readonly how: string };

const pingEveryMs = 400;
/** Counted in our own ticks, so that a busy host accuses nobody: 2.8 s. */
const unansweredPings = 7;
/** Before it has said that it is there: on a busy machine its own start takes seconds. 30 s. */
const unansweredPingsAtStart = 75;
/** How long a new supervisor may take to end what its predecessor left: on a busy machine its own start takes seconds. */
const sweepMs = 30_000;
const sweepEveryMs = 5;

/**
 * The host's side of the supervisor process: starts it with the first evaluation, replaces it when it is lost, and keeps the host
 * alive only while an evaluation runs.
 *
 * A supervisor that somebody has killed is replaced when this process hears of its death: an evaluation asked for before that may
 * be told `lost` too.
 */
export class SupervisorLink {
  readonly #startProcess: typeof startSupervisor;
  readonly #token = randomBytes(6).toString('hex');
  readonly scratch = new Scratch(this.#token);
  readonly #listeners = new Map<string, (heard: Heard) => void>();
  #child: ChildProcess | undefined;
  /** The one that has said that it is there. */
  #present: ChildProcess | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #capacity: Capacity | undefined;

  constructor(startProcess = startSupervisor) {
    this.#startProcess = startProcess;
  }

  /**
   * Starts the supervisor now, so that nothing has to be spawned once the weights are loaded. Where that fails it is tried again by
   * the next evaluation, which tells why.
   */
  prepare(): void {
    try {
      this.#connect();
    } catch {
      // there may be room for a process when one is needed
    }
  }

  /** Bounds what all evaluations of this process use together: the last word counts. */
  bound(capacity: Capacity): void {
    this.#capacity = capacity;
    this.#send({ type: 'capacity', capacity });
  }

  /** @throws {EvaluationError} `rejected`: `EVALUATION_NOT_STARTED` where no supervisor could be started. */
  start(order: StartOrder, listener: (heard: Heard) => void): void {
    try {
      this.#connect();
    } catch (cause) {
      const message = `The evaluation could not be started, because its supervisor could not be: ${reasonOf(cause)}. Let fewer processes run, or raise the limit of processes, open files or memory.`;
      throw new EvaluationError('rejected', 'EVALUATION_NOT_STARTED', message, { cause });
    }
    this.#send({ type: 'start', order });
    this.#listeners.set(order.id, listener);
    this.#keepAlive();
  }

  abort(id: string): void {
    this.#send({ type: 'abort', id });
  }

  kill(id: string): void {
    this.#send({ type: 'kill', id });
  }

  pace(id: string, order: number, pauseMs: number): void {
    this.#send({ type: 'pace', id, order, pauseMs });
  }

  /** A warm evaluator's answer has been read: it may serve again. */
  accept(id: string): void {
    this.#send({ type: 'answered', id, isReadable: true });
  }

  /** A warm evaluator's answer could not be read: `listener` is called once its process is gone, which may be now. */
  discard(id: string, listener: () => void): void {
    // It has ended with its supervisor. One that is only cut off is about to: its exit tells this listener too.
    if (this.#child === undefined) {
      listener();
      return;
    }
    this.#listeners.set(id, listener);
    this.#keepAlive();
    this.#send({ type: 'answered', id, isReadable: false });
  }

  #send(message: HostToSupervisor): void {
    // A lost channel is noticed by its exit: what was to be sent has no addressee any more.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  #connect(): void {
    this.#child ??= this.#spawn(() => undefined);
  }

  /**
   * @param onSwept called when what a former supervisor has left is ended, or this one is lost before it could say so
   * @throws where the system gives it no process.
   */
  #spawn(onSwept: () => void): ChildProcess {
    const child = this.#startProcess({
      [sweepMark]: this.#token,
      [scratchVariable]: JSON.stringify(this.scratch.roots),
    });
    this.#unanswered = 0;
    let reason: string | undefined;
    child.on('message', (message) => {
      const heard = message as SupervisorToHost;
      if (heard.type === 'hello') {
        this.#present = child;
        this.#unanswered = 0;
        onSwept();
      } else if (heard.type === 'pong') this.#unanswered = 0;
      else if (heard.type === 'fatal') reason = heard.message;
      else this.#hear(heard);
    });
    const lost = (how: string): void => {
      if (this.#child !== child) return;
      this.#replace(reason ?? how);
      onSwept();
    };
    child.once('exit', (code, signal) => {
      lost(signal ?? `exit code ${code ?? '?'}`);
    });
    child.once('error', ({ message }) => {
      lost(message);
    });
    if (this.#capacity !== undefined && child.connected)
      child.send({ type: 'capacity', capacity: this.#capacity }, () => undefined);
    return child;
  }

  #hear(heard: Extract<SupervisorToHost, { id: string }>): void {
    const listener = this.#listeners.get(heard.id);
    if (heard.type === 'settled' || heard.type === 'discarded') {
      this.#listeners.delete(heard.id);
      this.#keepAlive();
    }
    listener?.(heard);
  }

  /** Only an evaluation keeps this process alive, and only then is the supervisor asked whether it lives. */
  #keepAlive(): void {
    if (this.#listeners.size === 0) {
      this.#child?.channel?.unref();
      clearInterval(this.#heartbeat);
      this.#heartbeat = undefined;
      return;
    }
    this.#child?.channel?.ref();
    this.#heartbeat ??= setInterval(() => {
      this.#ping();
    }, pingEveryMs);
  }

  #ping(): void {
    const patience = this.#present === this.#child ? unansweredPings : unansweredPingsAtStart;
    if (this.#unanswered++ >= patience) this.#child?.kill('SIGKILL');
    else this.#send({ type: 'ping' });
  }

  /** A new supervisor first ends what the lost one has left: only then is an evaluation told that it is over. */
  #replace(how: string): void {
    const orphans = [...this.#listeners.values()];
    this.#listeners.clear();
    this.#child = undefined;
    if (orphans.length === 0) {
      this.#keepAlive();
      this.scratch.removeIfEmpty();
      return;
    }
    let told = false;
    const tell = (why = how): void => {
      if (told) return;
      told = true;
      clearTimeout(patience);
      this.#keepAlive();
      for (const orphan of orphans) orphan({ type: 'lost', how: why });
    };
    const patience = setTimeout(() => {
      tell(`${how}, and the next one has not said within ${sweepMs / 1000} s that nothing is left of it`);
    }, sweepMs);
    try {
      this.#child = this.#spawn(tell);
      this.#child.channel?.ref();
    } catch (error) {
      const why = `${how}, and no other could be started: ${reasonOf(error)}`;
      this.#sweep(() => {
        tell(why);
      });
    }
  }

  /** Without a supervisor to do it, what the lost one has left is ended from here: the kernel is at it already. */
  #sweep(onSwept: () => void): void {
    const left = processesMarked(hostMark, this.#token);
    if (left.length === 0) {
      onSwept();
      return;
    }
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it is gone, or another's
      }
    }
    setTimeout(() => {
      this.#sweep(onSwept);
    }, sweepEveryMs);
  }
}

let link: SupervisorLink | undefined;

/** The one supervisor of this process. */
export function supervisorLink(): SupervisorLink {
  return (link ??= new SupervisorLink());
}

/** Bounds what all evaluations of this process, in processes of their own, use together. The last word counts. */
export function boundEvaluations(capacity: Capacity): void {
  supervisorLink().bound(capacity);
}
