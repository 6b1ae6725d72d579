import type { EventOf } from '../events/index.ts';

/** What `run:start` and `run:resume` tell of an evaluation. */
export interface EvaluationConfig {
  readonly overlap?: unknown;
  readonly breaker?: { readonly name?: string } | false;
  /** The rules that it is held to. */
  readonly sla?: Readonly<Record<string, { readonly action?: string } | undefined>> | false;
}

/** The evaluations that a run has from its start, by their names. */
export function evaluationsInConfig(event: EventOf<'run:start' | 'run:resume'>): [string, EvaluationConfig][] {
  return Object.entries(callbacksIn(event)).filter(([, told]) => told.overlap !== undefined);
}

/** The names of all callbacks that a run has from its start. */
export function callbacksInConfig(event: EventOf<'run:start' | 'run:resume'>): string[] {
  return Object.keys(callbacksIn(event));
}

function callbacksIn({ config }: EventOf<'run:start' | 'run:resume'>): Record<string, EvaluationConfig> {
  return (config?.callbacks ?? {}) as Record<string, EvaluationConfig>;
}
