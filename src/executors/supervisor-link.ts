import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { onPath } from '../probes/index.ts';
import {
  scratchVariable,
  sweepMark,
  type Capacity,
  type HostToSupervisor,
  type StartOrder,
  type SupervisorToHost,
} from '../wire/index.ts';
import { Scratch } from './scratch.ts';
import { inheritedNodeArgs, siblingEntry } from './sibling-url.ts';

/** What is heard of one evaluation; `lost` is the supervisor's own death, told when nothing of the evaluation is left. */
export type Heard = Extract<SupervisorToHost, { id: string }> | { readonly type: 'lost'; readonly how: string };

const pingEveryMs = 400;
/** Counted in our own ticks, so that a busy host accuses nobody: 2.8 s. */
const unansweredPings = 7;
/** How long a new supervisor may take to end what its predecessor left. */
const sweepMs = 5000;

/**
 * The host's side of the supervisor process: starts it with the first evaluation, replaces it when it is lost, and keeps the host
 * alive only while an evaluation runs.
 */
class SupervisorLink {
  readonly #token = randomBytes(6).toString('hex');
  readonly scratch = new Scratch(this.#token);
  readonly #listeners = new Map<string, (heard: Heard) => void>();
  #child: ChildProcess | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #unanswered = 0;
  #capacity: Capacity | undefined;
  #deathSignal: boolean | undefined;

  /** Starts the supervisor now, so that nothing has to be spawned once the weights are loaded. */
  prepare(): void {
    this.#child ??= this.#spawn(() => undefined);
  }

  /** Bounds what all evaluations of this process use together: the last word counts. */
  bound(capacity: Capacity): void {
    this.#capacity = capacity;
    this.#send({ type: 'capacity', capacity });
  }

  start(order: StartOrder, listener: (heard: Heard) => void): void {
    this.prepare();
    this.#listeners.set(order.id, listener);
    this.#keepAlive();
    this.#send({ type: 'start', order });
  }

  abort(id: string): void {
    this.#send({ type: 'abort', id });
  }

  kill(id: string): void {
    this.#send({ type: 'kill', id });
  }

  /** A warm evaluator's answer has been read: it may serve again. */
  accept(id: string): void {
    this.#send({ type: 'answered', id, isReadable: true });
  }

  /** A warm evaluator's answer could not be read: `listener` is called once its process is gone. */
  discard(id: string, listener: () => void): void {
    this.#listeners.set(id, listener);
    this.#keepAlive();
    this.#send({ type: 'answered', id, isReadable: false });
  }

  #send(message: HostToSupervisor): void {
    // A lost channel is noticed by its exit: what was to be sent has no addressee any more.
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  #spawn(onHello: () => void): ChildProcess {
    const entry = fileURLToPath(siblingEntry('../supervisor/entry', import.meta.url));
    const node = [process.execPath, ...(entry.endsWith('.ts') ? inheritedNodeArgs() : []), entry];
    // Stopped by somebody (SIGSTOP), it is woken by this process's death, and cleans up.
    const [command = process.execPath, ...args] = this.#wakesWithUs()
      ? ['setpriv', '--pdeathsig', 'CONT', '--', ...node]
      : node;
    const env = { ...process.env, [sweepMark]: this.#token, [scratchVariable]: JSON.stringify(this.scratch.roots) };
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env });
    this.#unanswered = 0;
    let reason: string | undefined;
    child.on('message', (message) => {
      const heard = message as SupervisorToHost;
      if (heard.type === 'hello') onHello();
      else if (heard.type === 'pong') this.#unanswered = 0;
      else if (heard.type === 'fatal') reason = heard.message;
      else this.#hear(heard);
    });
    const lost = (how: string): void => {
      if (this.#child === child) this.#replace(reason ?? how);
    };
    child.once('exit', (code, signal) => {
      lost(signal ?? `exit code ${code ?? '?'}`);
    });
    child.once('error', ({ message }) => {
      lost(message);
    });
    child.unref();
    child.channel?.unref();
    if (this.#capacity !== undefined) child.send({ type: 'capacity', capacity: this.#capacity }, () => undefined);
    return child;
  }

  /** Tried once, before the first spawn: not every `setpriv` knows death signals. */
  #wakesWithUs(): boolean {
    return (this.#deathSignal ??=
      onPath('setpriv') &&
      spawnSync('setpriv', ['--pdeathsig', 'CONT', '--', 'true'], { stdio: 'ignore', timeout: 2000 }).status === 0);
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
    if (this.#unanswered++ >= unansweredPings) this.#child?.kill('SIGKILL');
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
    const tell = (): void => {
      if (told) return;
      told = true;
      clearTimeout(patience);
      this.#keepAlive();
      for (const orphan of orphans) orphan({ type: 'lost', how });
    };
    const patience = setTimeout(tell, sweepMs);
    this.#child = this.#spawn(tell);
    this.#child.channel?.ref();
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
