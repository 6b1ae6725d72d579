import type { RunEvent } from '../events/index.ts';

/**
 * Learns how long the end of an epoch takes, from its last step to its `epoch:end`, checkpoint included.
 *
 *     events      -s-s---e-s-s-----e     (s: step; e: epoch:end)
 *     longestMs   0------4---------6
 *
 * An epoch that was interrupted has not come to its end, and one without steps tells nothing.
 */
export class EpochTail {
  #longestMs = 0;
  #lastStepMs: number | undefined;

  /** The longest so far; 0 before the first. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** @param nowMs when it happened, in milliseconds; only differences mean something */
  see(event: RunEvent, nowMs: number): void {
    // A journal has no steps, but it has their summaries: with these the tail is too long by what lies between, a second or a step.
    if (event.type === 'step' || event.type === 'step:summary') this.#lastStepMs = nowMs;
    else if (event.type === 'epoch:start') this.#lastStepMs = undefined;
    else if (event.type === 'epoch:end' && event.interrupted !== true && this.#lastStepMs !== undefined)
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#lastStepMs);
  }
}
