/** The real ones, kept from before a test runner may have put its own fake timers in their place: those never turn by themselves. */
const { setImmediate } = globalThis;
const nowMs = performance.now.bind(performance);

/** Turns of the event loop in which a chain of promises between two timers has come to rest: a trainer's step takes two. */
const restTurns = 4;

/** Lets the event loop turn: after each turn every microtask that was there, and those they made, has run. */
export async function takesTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Lets the event loop turn until promises have come to rest.
 *
 * @param isDone whether there is nothing more to wait for
 * @param options `isBusy`: whether virtual time can still pass; where it cannot, real work is waited for `patienceMs` on end
 * @returns whether it is done.
 */
export async function untilQuiet(
  isDone: () => boolean,
  { isBusy, patienceMs }: { readonly isBusy: () => boolean; readonly patienceMs: number },
): Promise<boolean> {
  for (let turn = 0; turn < restTurns && !isDone(); turn++) await takesTurns(1);
  const untilMs = nowMs() + patienceMs;
  while (!isDone() && !isBusy() && nowMs() < untilMs) await takesTurns(1);
  return isDone();
}
