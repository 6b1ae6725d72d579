import { execa } from 'execa';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { firstValueFrom, from, timeout } from 'rxjs';
import { pause } from '../leftovers.ts';
import { machineMs } from '../machine.ts';
import { reasonText } from '../reason-text.ts';
import type { Candidate, Told } from './candidate.ts';
import { evaluator, type HostileInput } from './hostile-input.ts';

interface HostileModule {
  readonly default: (input: HostileInput) => unknown;
}

async function told(work: () => Promise<string>, timeMs: number): Promise<Told> {
  const deadlineMs = machineMs() + timeMs;
  const verdict = await work().catch(reasonText);
  return { verdict, deadlineMs, toldMs: machineMs() };
}

/** A promise in the training's own process, given up by rxjs when its time is over. */
const inline: Candidate = {
  name: 'inline promise, rxjs timeout',
  run: async (input, { timeMs }) => {
    const { default: hostile } = (await import(evaluator('hostile').href)) as HostileModule;
    const call = async (): Promise<string> => {
      await hostile({ ...input, isOwnProcess: false });
      return 'answered';
    };
    return told(() => firstValueFrom(from(call()).pipe(timeout(timeMs))), timeMs);
  },
};

/** A worker thread with a timer of the training's, which terminates it. */
const worker: Candidate = {
  name: 'worker.terminate()',
  run: (input, { timeMs, memoryMb }) =>
    told(async () => {
      const thread = new Worker(evaluator('hostile-thread'), {
        workerData: { ...input, isOwnProcess: false },
        resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      });
      const timer = setTimeout(() => void thread.terminate(), timeMs);
      await once(thread, 'exit').finally(() => {
        clearTimeout(timer);
      });
      return 'ended';
    }, timeMs),
};

let pool: Piscina | undefined;

/** A pool of threads, with an abort signal. */
const piscina: Candidate = {
  name: 'piscina',
  prepare: async ({ memoryMb }) => {
    pool = new Piscina({
      filename: fileURLToPath(evaluator('hostile')),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    await pause(500);
  },
  run: (input, { timeMs }) =>
    told(async () => {
      await pool?.run({ ...input, isOwnProcess: false }, { signal: AbortSignal.timeout(timeMs) });
      return 'answered';
    }, timeMs),
};

/** A process of its own: asked to end when its time is over, and killed 100 ms later. */
const program: Candidate = {
  name: 'execa, timeout + forceKillAfterDelay',
  run: (input, { timeMs, memoryMb }) =>
    told(async () => {
      const file = `${input.board}.json`;
      writeFileSync(file, JSON.stringify(input));
      const script = fileURLToPath(evaluator('hostile-program'));
      await execa(process.execPath, [`--max-old-space-size=${memoryMb}`, script, file, input.token], {
        timeout: timeMs,
        forceKillAfterDelay: 100,
      });
      return 'answered';
    }, timeMs),
};

/** What a user would do today. */
export const peers: readonly Candidate[] = [inline, worker, piscina, program];
