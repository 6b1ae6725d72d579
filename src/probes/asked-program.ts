import { execFile, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { clipped } from '../words/index.ts';
import { killMarked, killTree } from './kill-tree.ts';

export interface AskedProgramOptions {
  readonly patienceMs: number;
  /** The environment variable by which all is found that it has started, whatever has become of its parents. */
  readonly mark: { readonly variable: string; readonly value: string };
}

/** What a call that failed has printed, and its exit code, where no signal has ended it. */
export interface FailedCall {
  readonly stdout: string;
  readonly code: number | null;
}

/** So long what it has started may keep its output open after its end. */
const lingerMs = 500;
/** So long something may still be there after SIGKILL: what stays longer is held by the driver. */
const goneMs = 500;
const lookEveryMs = 10;
/** Of a failing program's words so many letters are told: some dump whatever they hold. */
const longestReason = 200;

/**
 * A program that is asked again and again, and may hang: it has a limit of time, and nothing that it has started stays. While
 * something is left that not even SIGKILL ends it is not asked again. One question at a time.
 */
export class AskedProgram {
  readonly #program: string;
  readonly #options: AskedProgramOptions;
  #child: ChildProcess | undefined;
  #hangs = false;

  constructor(program: string, options: AskedProgramOptions) {
    this.#program = program;
    this.#options = options;
  }

  /**
   * What one call has printed; rejects where the program fails, or does not answer in time.
   *
   * @param isAnswer whether one that has failed has answered all the same; default never
   */
  async printed(args: readonly string[], isAnswer: (failed: FailedCall) => boolean = () => false): Promise<string> {
    if (this.#hangs && !(await this.#end())) throw new Error(hangs);
    const { patienceMs } = this.#options;
    const { child, exited, closed } = this.#asked(args);
    const timers = new AbortController();
    const late = wait(patienceMs, 'late', timers).catch(() => 'late');
    const lingers = exited.then(() => wait(lingerMs, 'lingers', timers)).catch(() => 'lingers');
    const how = await Promise.race([closed.then(() => 'closed'), lingers, late]);
    timers.abort();
    // One that prints too much is ended too.
    if (how !== 'closed' || child.killed) {
      const isGone = await this.#end();
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      if (!isGone) throw new Error(hangs);
    }
    if (how === 'late') throw new Error(`it did not answer within ${patienceMs / 1000} s`);
    const { error, stdout } = await closed;
    if (error === null) return stdout;
    if (child.killed) throw new Error(firstLine('', error));
    if (isAnswer({ stdout, code: child.exitCode })) return stdout;
    throw new Error(firstLine(stdout, error));
  }

  #asked(args: readonly string[]) {
    const { variable, value } = this.#options.mark;
    const env = { ...process.env, [variable]: value };
    const limits = { maxBuffer: 2 ** 20, killSignal: 'SIGKILL', windowsHide: true } as const;
    let close: (closed: { readonly error: Error | null; readonly stdout: string }) => void;
    const closed = new Promise<Parameters<typeof close>[0]>((resolve) => (close = resolve));
    const child = execFile(this.#program, [...args], { env, ...limits }, (error, stdout) => {
      close({ error, stdout });
    });
    this.#child = child;
    return { child, closed, exited: new Promise((resolve) => child.once('exit', resolve)) };
  }

  /** Kills it with all that it has started; resolves to whether nothing of that is left. */
  async #end(): Promise<boolean> {
    const { variable, value } = this.#options.mark;
    const untilMs = performance.now() + goneMs;
    for (;;) {
      const isChildGone = this.#killChild();
      this.#hangs = killMarked(variable, value) > 0 || !isChildGone;
      if (!this.#hangs || performance.now() > untilMs) return !this.#hangs;
      await wait(lookEveryMs);
    }
  }

  #killChild(): boolean {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return true;
    killTree(child.pid);
    child.kill('SIGKILL');
    return false;
  }
}

const hangs = 'it hangs in the driver, where not even SIGKILL ends it';

function firstLine(stdout: string, { message }: Error): string {
  const [first, second] = message.split('\n');
  const found = [stdout.trim().split('\n')[0], second, first].find((line) => line !== undefined && line !== '');
  return clipped(found ?? message, longestReason);
}
