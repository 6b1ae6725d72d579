import type { CircuitBreakerOptions } from '../breaker/index.ts';
import { ConfigurationError } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { resolveSla, type Sla, type SlaInput, type SlaRule } from '../sla/index.ts';

/** What a run was held to, as its `run:start` tells it, by the names of its evaluations. */
export interface RecordedLimits {
  /** `false` where it was switched off, `undefined` where the record does not tell it. */
  readonly slaOf: (evaluation: string) => Sla | false | undefined;
  /** Functions among the options are no part of a record, nor are the options of a breaker that was made by the user. */
  readonly breakerOf: (evaluation: string) => CircuitBreakerOptions | false | undefined;
  /** Whether the executors of this run held the rule, as far as the record tells. */
  readonly isHeld: (rule: SlaRule) => boolean;
}

/** Reads a run's limits from its record. Nothing throws: what cannot be read is not known. */
export function recordedLimits(events: readonly RunEvent[]): RecordedLimits {
  const start = events.find((event) => event.type === 'run:start');
  const told = objectOf(start?.config.callbacks);
  const unenforceable = new Set<string>(
    events.flatMap((event) => (event.type === 'sla:unenforceable' ? [event.rule] : [])),
  );
  return {
    slaOf: (evaluation) => {
      const { sla } = objectOf(told[evaluation]);
      if (sla === false || sla === undefined) return sla;
      try {
        return resolveSla(sla as SlaInput, 'The recorded SLA').sla;
      } catch (error) {
        if (error instanceof ConfigurationError) return undefined; // of another version: it knew other rules
        throw error;
      }
    },
    breakerOf: (evaluation) => {
      const { breaker } = objectOf(told[evaluation]);
      return breaker === false || breaker === undefined ? breaker : objectOf(breaker);
    },
    isHeld: (rule) => !unenforceable.has(rule),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
