import type { Clock } from '../clock/index.ts';

/** A teller that passes on what it is told at most ten times a second. */
export interface SparingTeller<T> {
  /** Passes on at once where there is room, or keeps the value until there is: a later one replaces it. */
  next(value: T): void;
  /** Passes on the value that waits, if there is room in the last second's ten, and ends: nothing is passed on after it. */
  end(): void;
}

const perSecond = 10;
const spacingMs = 1000 / perSecond;

/** Passes values on to `tell`, at least 100 ms apart: the latest wins, what lies between is left out. */
export function atMostTenASecond<T>(clock: Clock, tell: (value: T) => void): SparingTeller<T> {
  let toldAtMs: number[] = [];
  let kept: { readonly value: T } | undefined;
  let cancelTimer: (() => void) | undefined;
  let ended = false;

  const pass = (value: T): void => {
    kept = undefined;
    toldAtMs = [...toldAtMs.slice(1 - perSecond), clock.now()];
    tell(value);
  };
  const onTimer = (): void => {
    cancelTimer = undefined;
    if (kept !== undefined) pass(kept.value);
  };

  return {
    next: (value) => {
      if (ended) return;
      const sinceLastMs = clock.now() - (toldAtMs.at(-1) ?? -Infinity);
      if (cancelTimer === undefined && sinceLastMs >= spacingMs) {
        pass(value);
        return;
      }
      kept = { value };
      cancelTimer ??= clock.setTimeout(onTimer, spacingMs - sinceLastMs);
    },
    end: () => {
      ended = true;
      cancelTimer?.();
      cancelTimer = undefined;
      const aSecondAgoMs = clock.now() - 1000;
      const hasRoom = toldAtMs.filter((atMs) => atMs > aSecondAgoMs).length < perSecond;
      if (kept !== undefined && hasRoom) pass(kept.value);
    },
  };
}
