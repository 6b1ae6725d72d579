import { pause } from './leftovers.ts';
import { meanOf, rounded, sumOf, type Estimate } from './statistics.ts';
import { speedBetween, type Training } from './training.ts';

export interface PairedWindowsOptions {
  readonly training: Pick<Training, 'steps'>;
  /** How many pairs of a window with and a window without. */
  readonly pairs: number;
  readonly windowMs: number;
  readonly on: () => void | Promise<void>;
  readonly off: () => void | Promise<void>;
  /** After each change so long is left out. The system takes as long to spread what has just been woken over the cores. */
  readonly settleMs?: number;
}

/** How many times slower the training is with something beside it, by the sums over all windows: 1 is no difference. */
export interface Slowdown extends Estimate {
  readonly pairs: number;
}

interface Window {
  readonly steps: number;
  readonly ms: number;
}

/**
 * Compares the training's speed in windows with and without something beside it, pair by pair, in random order: what the machine
 * does by itself meanwhile falls on both.
 */
export async function pairedWindows({
  training,
  pairs,
  windowMs,
  on,
  off,
  settleMs = 150,
}: PairedWindowsOptions): Promise<Slowdown> {
  const window = async (change: () => void | Promise<void>): Promise<Window> => {
    await change();
    await pause(settleMs);
    const fromMs = performance.now();
    await pause(windowMs);
    return speedBetween(training.steps, fromMs, performance.now());
  };
  const withIt: Window[] = [];
  const without: Window[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (Math.random() < 0.5) {
      withIt.push(await window(on));
      without.push(await window(off));
    } else {
      without.push(await window(off));
      withIt.push(await window(on));
    }
  }
  await off();
  const speed = (windows: readonly Window[]): number =>
    sumOf(windows.map(({ steps }) => steps)) / sumOf(windows.map(({ ms }) => ms));
  const offSpeed = speed(without);
  const losses = withIt.map((window, pair) => {
    const other = without[pair] ?? window;
    return (other.steps / other.ms - window.steps / window.ms) / offSpeed;
  });
  const value = offSpeed / speed(withIt);
  // The error of a loss is that of the speed left; a ratio turns it over.
  return { value, error95: meanOf(losses).error95 * value ** 2, pairs };
}

export function slowdownText({ value, error95, pairs }: Slowdown): string {
  const text = value < 1.995 ? value.toFixed(3) : rounded(value);
  return `${text}x +- ${error95.toFixed(3)}, ${pairs} pairs`;
}
