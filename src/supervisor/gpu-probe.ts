import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  drmCards,
  gpuShareOf,
  killMarked,
  killTree,
  onPath,
  unknownGpuShare,
  type GpuReading,
  type GpuShare,
} from '../probes/index.ts';
import { gpuMark, machineNowMs, sweepMark } from '../wire/index.ts';
import type { GpuTold } from './gpu-told.ts';

/** A reading is of now for so long. */
const freshMs = 10_000;
/** A probe that says nothing for longer than it said it would is ended, and another started as soon as it is gone. */
const silentMs = 30_000;
/** One that ends by itself is followed by another so soon, and by each after that twice as late, until one has answered. */
const firstRestMs = 1_000;
/** Its first answer may take as long: three questions in turn, each with a limit of its own. */
const firstAnswerMs = 15_000;

/** The supervisor's side of the process that asks the GPU's driver: never waits for it, and knows what it told last. */
export class GpuProbe {
  readonly #isThere = onPath('nvidia-smi') || drmCards().length > 0;
  /** That of its host, so that the next supervisor finds it too. */
  readonly #mark = process.env[sweepMark] ?? randomBytes(6).toString('hex');
  #child: ChildProcess | undefined;
  /** Was killed, and may not be gone: a driver that holds it would hold the next one too. */
  #ended: ChildProcess | undefined;
  /** When it is to tell something at the latest, were it not for delays. */
  #expectedMs = 0;
  #notBeforeMs = -Infinity;
  #restMs = firstRestMs;
  #askedFirstMs: number | undefined;
  #hasAnswered = false;
  #reading: { readonly reading: GpuReading; readonly atMs: number } | undefined;
  #why = 'it has not been asked yet';

  /** Why nothing can be measured here, where that is known without asking. */
  get missing(): string | undefined {
    return this.#isThere ? undefined : 'there is no nvidia-smi on the path, and no card of another maker';
  }

  /** What the tree has of the GPUs; `null` where it is not known, or what is known is old. */
  shareOf(pids: readonly number[]): GpuShare {
    if (this.missing !== undefined) return unknownGpuShare;
    this.#look();
    const latest = this.#reading;
    if (latest === undefined || machineNowMs() - latest.atMs > freshMs) return unknownGpuShare;
    return gpuShareOf(latest.reading, new Set(pids));
  }

  /** The first answer is still to come: it is too early to say that nothing can be measured. */
  get isAwaited(): boolean {
    if (this.missing !== undefined || this.#hasAnswered) return false;
    return this.#askedFirstMs === undefined || machineNowMs() - this.#askedFirstMs < firstAnswerMs;
  }

  /** When the present figures were told; `undefined` while there are none. */
  get readAtMs(): number | undefined {
    const atMs = this.#reading?.atMs;
    return atMs === undefined || machineNowMs() - atMs > freshMs ? undefined : atMs;
  }

  /** Why nothing is known, at present. */
  get why(): string {
    return this.#why;
  }

  end(): void {
    const child = this.#child;
    if (child === undefined) return;
    if (child.pid !== undefined) killTree(child.pid); // with what it has asked, which may hang too
    child.kill('SIGKILL');
    killMarked(gpuMark, this.#mark);
    this.#ended = child.pid === undefined ? undefined : child;
    this.#child = undefined;
  }

  /** Starts the probe with the first question, and another in the place of one that hangs or has ended. */
  #look(): void {
    const nowMs = machineNowMs();
    if (this.#child !== undefined && nowMs - this.#expectedMs > silentMs) {
      this.end();
      this.#why = `the probe said nothing for ${silentMs / 1000} s, and was ended`;
    }
    if (this.#child !== undefined || this.#ended !== undefined) return;
    if (nowMs < this.#notBeforeMs) return;
    this.#expectedMs = nowMs;
    this.#notBeforeMs = nowMs + silentMs; // where none can be forked
    this.#askedFirstMs ??= nowMs;
    const entry = new URL(`./gpu-probe-entry${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
    const child = fork(fileURLToPath(entry), {
      env: { ...process.env, [gpuMark]: this.#mark },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    child.unref();
    child.channel?.unref();
    child.on('message', (told) => {
      this.#hear(told as GpuTold);
    });
    child.on('error', ({ message }) => {
      if (child.pid === undefined) this.#lose(child, message); // else it ends: that tells
    });
    child.on('exit', (code, signal) => {
      if (this.#ended === child) this.#ended = undefined;
      this.#lose(child, signal ?? `code ${code}`);
    });
  }

  /** It has ended, and not because it was to. */
  #lose(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    killMarked(gpuMark, this.#mark); // what it was just asking
    this.#why = `the process that asks the driver has ended (${how}); another is started`;
    this.#notBeforeMs = machineNowMs() + this.#restMs;
    this.#restMs = Math.min(silentMs, 2 * this.#restMs);
  }

  #hear(told: GpuTold): void {
    const nowMs = machineNowMs();
    this.#expectedMs = nowMs + told.againInMs;
    this.#hasAnswered = true;
    this.#restMs = firstRestMs;
    if ('reading' in told) {
      this.#reading = { reading: told.reading, atMs: nowMs };
      this.#why = `the driver has told nothing for more than ${freshMs / 1000} s`; // once it is old
    } else {
      this.#reading = undefined;
      this.#why = told.why;
    }
  }
}
