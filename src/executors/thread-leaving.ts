/**
 * What an evaluation's thread and its watchdog know of its end, in memory that both see.
 *
 * A thread that is terminated in the microseconds in which Node carries an error past all of its code takes the whole process with it
 * ("v8::ToLocalChecked Empty MaybeLocal", an abort that nothing can catch). One that lets no error end it throws again and again, so
 * that it would be met there some day: it is asked to leave by itself instead.
 */
export type LeavingMemory = SharedArrayBuffer;

/** Places in the memory: 1 where it is so. */
const survives = 0;
const isToLeave = 1;
const leaves = 2;

export function leavingMemory(): LeavingMemory {
  return new SharedArrayBuffer(12);
}

/** Whether its thread goes on after errors that nobody caught, or would. */
export function survivesErrors(memory: LeavingMemory): boolean {
  return Atomics.load(new Int32Array(memory), survives) === 1;
}

/** Has its thread leave with the next error that it lets pass. */
export function askToLeave(memory: LeavingMemory): void {
  Atomics.store(new Int32Array(memory), isToLeave, 1);
}

/** Whether its thread is about to end by itself. */
export function isLeaving(memory: LeavingMemory): boolean {
  return Atomics.load(new Int32Array(memory), leaves) === 1;
}

/**
 * To be called in the thread, before any code of the user.
 *
 * @returns ends the thread from within, without another word of the evaluator's
 */
export function leavesWhenAsked(memory: LeavingMemory): () => void {
  const places = new Int32Array(memory);
  const exit = process.exit.bind(process);
  const leave = (): void => {
    Atomics.store(places, leaves, 1);
    process.removeAllListeners('exit');
    exit();
  };
  const remember = (): void => {
    Atomics.store(places, survives, 1);
  };
  process.on('newListener', (event) => {
    if (event === 'uncaughtException') remember();
  });
  process.on('uncaughtExceptionMonitor', () => {
    remember();
    if (Atomics.load(places, isToLeave) === 1) leave();
  });
  return leave;
}
