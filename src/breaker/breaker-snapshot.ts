import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Clock } from '../clock/index.ts';
import type { BreakerSettings } from './breaker-options.ts';
import type { CallWindow, WindowSnapshot } from './call-window.ts';
import { circuitStates, type CircuitState, type StateData } from './circuit-state.ts';
import { halfOpenState } from './half-open.ts';

/** A circuit breaker's state in a form that survives JSON. Made by `breaker.snapshot()`. */
export type CircuitBreakerSnapshot =
  | {
      readonly state: 'open';
      readonly attempt: number;
      /** Wall-clock milliseconds of the snapshot. */
      readonly at: number;
      readonly waitLeftMs: number;
    }
  | { readonly state: 'half-open'; readonly attempt: number; readonly at: number }
  | {
      readonly state: 'closed' | 'metrics-only';
      readonly attempt: number;
      readonly at: number;
      readonly window: WindowSnapshot;
    }
  | {
      readonly state: Exclude<CircuitState, 'open' | 'half-open' | 'closed' | 'metrics-only'>;
      readonly attempt: number;
      readonly at: number;
    };

/**
 * Checks a snapshot that was read from somewhere.
 *
 * @throws {ConfigurationError} that says which part of it is broken.
 */
export function readSnapshot(snapshot: unknown, what: string): CircuitBreakerSnapshot {
  const { state } = parseOptions(anySnapshotSchema, snapshot, what);
  return parseOptions<z.ZodType<CircuitBreakerSnapshot>>(snapshotSchemas[state], snapshot, what);
}

/** What is worth keeping of a state: a half-open sample is begun again, so it is not. */
export function snapshotOf(state: StateData, window: CallWindow, clock: Clock): CircuitBreakerSnapshot {
  const at = clock.wallNow();
  switch (state.kind) {
    case 'open':
      return { state: 'open', attempt: state.attempt, at, waitLeftMs: Math.max(0, state.retryAtMs - clock.now()) };
    case 'half-open':
      return { state: 'half-open', attempt: state.attempt, at };
    case 'closed':
    case 'metrics-only':
      return { state: state.kind, attempt: 0, at, window: window.save(clock.now()) };
    case 'forced-open':
    case 'disabled':
      return { state: state.kind, attempt: 0, at };
  }
}

/** The state that a snapshot has become by now. */
export function stateOf(snapshot: CircuitBreakerSnapshot, settings: BreakerSettings): StateData {
  const { clock } = settings;
  switch (snapshot.state) {
    case 'open': {
      const waitMs = Math.max(0, snapshot.waitLeftMs - awayMs(snapshot, clock));
      return { kind: 'open', attempt: snapshot.attempt, waitMs, retryAtMs: clock.now() + waitMs };
    }
    case 'half-open':
      return halfOpenState(snapshot.attempt, settings);
    case 'closed':
    case 'metrics-only':
    case 'forced-open':
    case 'disabled':
      return { kind: snapshot.state };
  }
}

/** How long ago it was taken. A wall clock that was set back meanwhile tells nothing, so that the wait never grows by it. */
export function awayMs({ at }: CircuitBreakerSnapshot, clock: Clock): number {
  return Math.max(0, clock.wallNow() - at);
}

const count = z.number().int().nonnegative().describe('a whole number from 0 on');
const milliseconds = z.number().nonnegative().describe('a number of milliseconds from 0 on');
const moment = z.number().describe('wall-clock milliseconds');
const anAttempt = z.number().int().positive().describe('a whole number from 1 on');

const slotSchema = z
  .strictObject({ ageMs: milliseconds, calls: count, failed: count, slow: count })
  .refine(({ calls, failed, slow }) => failed <= calls && slow <= calls, 'a slot with no more failures than calls');

const windowSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('count').describe('"count" or "time"'),
      calls: z.array(z.literal([0, 1, 2, 3])),
    }),
    z.strictObject({ type: z.literal('time'), slots: z.array(slotSchema) }),
  ])
  .describe('a window with its calls');

const anySnapshotSchema = z.looseObject({ state: z.enum(circuitStates) }).describe('what snapshot() of a breaker gave');

const snapshotSchemas = {
  closed: z.strictObject({ state: z.literal('closed'), attempt: count, at: moment, window: windowSchema }),
  'metrics-only': z.strictObject({
    state: z.literal('metrics-only'),
    attempt: count,
    at: moment,
    window: windowSchema,
  }),
  open: z.strictObject({ state: z.literal('open'), attempt: anAttempt, at: moment, waitLeftMs: milliseconds }),
  'half-open': z.strictObject({ state: z.literal('half-open'), attempt: anAttempt, at: moment }),
  'forced-open': z.strictObject({ state: z.literal('forced-open'), attempt: count, at: moment }),
  disabled: z.strictObject({ state: z.literal('disabled'), attempt: count, at: moment }),
} satisfies Record<CircuitState, z.ZodType>;
