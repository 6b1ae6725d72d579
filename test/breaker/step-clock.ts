import type { Clock } from '../../src/clock/index.ts';

/** Synchronous, in whole milliseconds, and its loop can be blocked: then time goes by and timers are late. */
export class StepClock implements Clock {
  timers: { readonly dueMs: number; readonly task: () => void }[] = [];
  #nowMs = 0;
  now = () => this.#nowMs;
  wallNow = () => this.#nowMs;

  setTimeout = (task: () => void, ms: number): (() => void) => {
    const timer = { dueMs: this.#nowMs + ms, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  /** Time goes by, and each timer fires when it is due; one that a blocked loop has made late fires first. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let due = this.#due(untilMs); due !== undefined; due = this.#due(untilMs)) {
      this.timers = this.timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.task();
    }
    this.#nowMs = untilMs;
  }

  /** Time goes by in one long step of the loop: no timer fires. */
  block(ms: number): void {
    this.#nowMs += ms;
  }

  #due(untilMs: number) {
    return this.timers.find(({ dueMs }) => dueMs <= untilMs);
  }
}
