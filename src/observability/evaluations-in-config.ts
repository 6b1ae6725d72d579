import type { EventOf } from '../events/index.ts';

/** What `run:start` and `run:resume` tell of an evaluation. */
export interface EvaluationConfig {
  readonly overlap?: unknown;
  readonly breaker?: { readonly name?: string } | false;
}

/** The evaluations that a run has from its start, by their names. */
export function evaluationsInConfig({ config }: EventOf<'run:start' | 'run:resume'>): [string, EvaluationConfig][] {
  const callbacks = (config?.callbacks ?? {}) as Record<string, EvaluationConfig>;
  return Object.entries(callbacks).filter(([, told]) => told.overlap !== undefined);
}
