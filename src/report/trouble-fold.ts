import type { EventOf } from '../events/index.ts';
import type { RuleTold, Trouble } from './run-report.ts';

/** Of each kind. */
const mostKinds = 100;

/** What went wrong beside the evaluations, by whom or what it was. */
export class TroubleFold {
  readonly #errors = new Map<string, { count: number; message: string }>();
  readonly #slow = new Map<string, { count: number; longestMs: number }>();
  readonly #dropped = new Map<string, { count: number }>();
  readonly #unmeasured = new Map<string, RuleTold>();
  readonly #unenforceable = new Map<string, RuleTold>();

  error({ callback, error: { message } }: EventOf<'callback:error'>): void {
    const error = kind(this.#errors, callback, () => ({ count: 0, message }));
    if (error !== undefined) error.count++;
  }

  slow({ callback, durationMs }: EventOf<'callback:slow'>): void {
    const slow = kind(this.#slow, callback, () => ({ count: 0, longestMs: 0 }));
    if (slow === undefined) return;
    slow.count++;
    slow.longestMs = Math.max(slow.longestMs, durationMs);
  }

  dropped({ what, count }: EventOf<'dropped'>): void {
    const dropped = kind(this.#dropped, what, () => ({ count: 0 }));
    if (dropped !== undefined) dropped.count += count;
  }

  unmeasured({ rule, why }: EventOf<'sla:unmeasured'>): void {
    kind(this.#unmeasured, rule, () => ({ rule, why }));
  }

  unenforceable({ rule, why }: EventOf<'sla:unenforceable'>): void {
    kind(this.#unenforceable, rule, () => ({ rule, why }));
  }

  told(torn: string | null): Trouble {
    return {
      errors: [...this.#errors].map(([callback, error]) => ({ callback, ...error })),
      slow: [...this.#slow].map(([callback, slow]) => ({ callback, ...slow })),
      dropped: [...this.#dropped].map(([what, dropped]) => ({ what, ...dropped })),
      unmeasured: [...this.#unmeasured.values()],
      unenforceable: [...this.#unenforceable.values()],
      torn,
    };
  }
}

/** What is told of one kind; `undefined` where there are too many kinds. */
function kind<T>(kinds: Map<string, T>, name: string, first: () => T): T | undefined {
  let found = kinds.get(name);
  if (found === undefined && kinds.size < mostKinds) kinds.set(name, (found = first()));
  return found;
}
