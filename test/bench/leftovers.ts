import { isAlive, processesSaying, processesWith } from './processes.ts';

/** The environment variable with a token in it that whatever a benchmark starts has inherited. */
export const benchVariable = 'PITWALL_BENCH';

const patienceMs = 3000;

/**
 * Waits until nothing is left of what a measurement has started, and then ends what is.
 *
 * @returns how many had to be ended.
 */
export async function endLeftovers(token: string): Promise<number> {
  const until = performance.now() + patienceMs;
  let left = leftovers(token);
  while (left.length > 0 && performance.now() < until) {
    await pause(20);
    left = leftovers(token);
  }
  const ended = left.length;
  while (left.length > 0) {
    for (const pid of left) kill(pid);
    await pause(5);
    left = leftovers(token);
  }
  return ended;
}

/** Ends at once all that a measurement has started. */
export function killLeftovers(token: string): void {
  for (const pid of leftovers(token)) kill(pid);
}

function leftovers(token: string): number[] {
  const found = new Set([...processesWith(token), ...processesSaying(token)]);
  found.delete(process.pid);
  return [...found].filter(isAlive);
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
