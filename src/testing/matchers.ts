import type { Observable } from 'rxjs';
import { toConserve } from './to-conserve.ts';
import { toLeaveNothingRunning, type LeaveNothingRunningOptions } from './to-leave-nothing-running.ts';
import { toViolate, type ViolationFields } from './to-violate.ts';

/** What is read over time gives a promise; what is there is judged at once. */
type Judged<Received> = Received extends Observable<unknown> | PromiseLike<unknown> ? Promise<void> : void;

/** The matchers, as `expect(…)` has them once they are added. */
export interface PitwallMatchers<Received = unknown> {
  /**
   * A rule is broken in these violations, events, `{ events }` or error; of an Observable or a promise of them, `await` it.
   *
   * @param fields what the violation must be besides: `{ limit: 500 }`
   */
  toViolate(rule: string, fields?: ViolationFields): Judged<Received>;
  /** In these events, `{ events }`, outcome or counts every evaluation that was requested has ended once. */
  toConserve(): void;
  /** After this function, in this executor or on this VirtualClock no process, timer or handle is left. `await` it. */
  toLeaveNothingRunning(options?: LeaveNothingRunningOptions): Promise<void>;
}

/**
 * Matchers for vitest and jest: `expect.extend(pitwallMatchers)`, once, in the file or in a set-up file.
 *
 * They need neither: only their types are merged into those of `expect`, where there is one.
 *
 * @example
 * import { expect } from 'vitest';
 * import { pitwallMatchers } from 'pitwall/testing';
 *
 * expect.extend(pitwallMatchers);
 *
 * expect(events).toViolate('memoryMb', { limit: 500 });
 * expect(outcome).toConserve();
 * await expect(() => evaluateOnce()).toLeaveNothingRunning();
 */
export const pitwallMatchers = { toViolate, toConserve, toLeaveNothingRunning };

declare global {
  /** What vitest and jest both take matchers from: it is there without either, so that neither has to be installed. */
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the name is theirs
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- a merged interface has the parameters of the others
    interface Matchers<R, T = {}> extends PitwallMatchers<T> {} // eslint-disable-line @typescript-eslint/no-empty-object-type
  }
}
