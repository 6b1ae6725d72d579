import type { Worker } from 'node:worker_threads';
import { machineNowMs } from '../wire/index.ts';
import { askToLeave, isLeaving, survivesErrors, type LeavingMemory } from './thread-leaving.ts';

/** Who has computed for so long since it was asked to leave is inside code that never asks. */
const computesMs = 8;
/** Who does not compute either is inside a call that does not return, or has not got a processor. */
const waitsMs = 500;
const lookMs = 2;

/** Ends a thread: at once, or, where that might end the process too, when it has had time to leave by itself and has not. */
export function endThread(
  worker: Pick<Worker, 'terminate'>,
  {
    memory,
    cpuMs,
    ask,
    exited,
  }: {
    readonly memory: LeavingMemory;
    /** What the thread has used of a core; `null` where that is not known. */
    readonly cpuMs: () => number | null;
    /** Tells it to leave, in the next turn of its loop. */
    readonly ask: () => void;
    readonly exited: Promise<unknown>;
  },
): void {
  if (!survivesErrors(memory)) {
    void worker.terminate();
    return;
  }
  askToLeave(memory);
  ask();
  const askedMs = machineNowMs();
  const cpuBeforeMs = cpuMs();
  const looks = setInterval(() => {
    const waitedMs = machineNowMs() - askedMs;
    const cpuNowMs = cpuMs();
    const computesOn = cpuNowMs !== null && cpuBeforeMs !== null && cpuNowMs - cpuBeforeMs >= computesMs;
    if (waitedMs < waitsMs && (isLeaving(memory) || !computesOn)) return;
    clearInterval(looks);
    void worker.terminate();
  }, lookMs);
  void exited.then(() => {
    clearInterval(looks);
  });
}
