import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ConfigurationError, parseOptions, told } from '../errors/index.ts';
import { atWork, evaluatorsAtWork, leftSince, toldProcess } from './leftovers.ts';
import { matcherResult, type MatcherResult } from './matcher-result.ts';

/** Options of `toLeaveNothingRunning`. */
export interface LeaveNothingRunningOptions {
  /** How long what was left may take to go, in real milliseconds; 2 000 by default. */
  readonly withinMs?: number;
}

const lookEveryMs = 10;

const optionsSchema = z.strictObject({
  withinMs: z.number().nonnegative().describe('milliseconds, from 0 on').default(2_000),
});

/**
 * Checks that nothing goes on once something is over.
 *
 * - Of a **function**: it is called and awaited; then there must be no process, below this one, and no resource that keeps the event
 *   loop alive (a timer, a socket, a server, a pipe; see `process.getActiveResourcesInfo`), that was not there before.
 * - Of an **executor**: it must come to be `idle`, and no supervisor of this process may have an evaluator or a command at work.
 * - Of a **VirtualClock**: none of its timers may wait.
 *
 * The supervisor itself serves the whole program and may stay, and so may what has been unref'd. A warm evaluator that waits for its
 * next evaluation is at work. Processes are found in /proc, where there is one; elsewhere only the event loop is looked at.
 *
 * @returns once nothing is left, or when `withinMs` are over.
 */
export async function toLeaveNothingRunning(
  received: unknown,
  options: LeaveNothingRunningOptions = {},
): Promise<MatcherResult> {
  const { withinMs } = parseOptions(optionsSchema, options, 'The options of toLeaveNothingRunning');
  const left = await leftBy(received, withinMs);
  const when = hasPendingTimers(received) ? '' : ` after ${withinMs} ms`;
  return matcherResult(
    left.length === 0,
    `Nothing was to be left running, but${when} there still is\n  ${left.join('\n  ')}`,
    'Something was to be left running, but nothing is.',
  );
}

async function leftBy(received: unknown, withinMs: number): Promise<readonly string[]> {
  if (hasPendingTimers(received))
    return received.pendingTimers === 0 ? [] : [`${received.pendingTimers} × timer of the virtual clock`];
  if (isExecutor(received)) {
    let isIdle = false;
    void received.idle().then(() => (isIdle = true));
    const busy = (): string[] => [
      ...(isIdle ? [] : ['the executor, which is not idle']),
      ...evaluatorsAtWork().map(toldProcess),
    ];
    return untilNothing(busy, withinMs);
  }
  if (typeof received !== 'function')
    throw new ConfigurationError(
      `expect(…).toLeaveNothingRunning() must get a function to call, an executor, or a VirtualClock, but ${told(received)} came: wrap what is to be awaited, expect(() => promise).`,
    );
  const before = atWork();
  await (received as () => unknown)();
  return untilNothing(() => leftSince(before), withinMs);
}

/** Looks again until nothing is left, or the time is over; what goes on by itself for a moment is given that moment. */
async function untilNothing(look: () => readonly string[], withinMs: number): Promise<readonly string[]> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    // A turn, for what ends with the present one: the looks' own timer is over by then too.
    await wait(waitedMs === 0 ? 0 : lookEveryMs);
    const left = look();
    if (left.length === 0 || waitedMs >= withinMs) return left;
  }
}

function hasPendingTimers(received: unknown): received is { readonly pendingTimers: number } {
  return typeof (received as { readonly pendingTimers?: unknown } | null | undefined)?.pendingTimers === 'number';
}

function isExecutor(received: unknown): received is { readonly idle: () => Promise<void> } {
  return typeof received === 'function' && typeof (received as { readonly idle?: unknown }).idle === 'function';
}
