import type { Attributes } from '@opentelemetry/api';
import type { EventOf, Violation } from '../events/index.ts';
import { numbersOf } from './numbers-of.ts';
import { inSeconds, known } from './otel-attributes.ts';

/** What a span tells of one moment in it. */
export interface OtelSpanEvent {
  readonly name: string;
  readonly attributes: Attributes;
}

/** What happens within a span. */
type Happening = EventOf<
  | 'sla:violation'
  | 'sla:recovered'
  | 'sla:unmeasured'
  | 'sla:unenforceable'
  | 'breaker:transition'
  | 'callback:error'
  | 'callback:slow'
  | 'dropped'
>;

/** Says in OpenTelemetry's way what happens within a span. */
export function spanEventOf(event: Happening): OtelSpanEvent {
  switch (event.type) {
    case 'sla:violation':
      return { name: 'pitwall.sla.violation', attributes: violationAttributes(event.violation) };
    case 'sla:recovered':
      return { name: 'pitwall.sla.recovered', attributes: violationAttributes(event.violation) };
    case 'sla:unmeasured':
      return { name: 'pitwall.sla.unmeasured', attributes: ruleAttributes(event) };
    case 'sla:unenforceable':
      return { name: 'pitwall.sla.unenforceable', attributes: ruleAttributes(event) };
    case 'breaker:transition':
      return {
        name: 'pitwall.breaker.transition',
        attributes: known({
          'pitwall.breaker.name': event.name,
          'pitwall.breaker.from': event.from,
          'pitwall.breaker.to': event.to,
          'pitwall.breaker.reason': event.reason,
        }),
      };
    case 'callback:error':
      // The name and fields that backends know an error by.
      return {
        name: 'exception',
        attributes: known({
          'exception.type': event.error.code ?? event.error.name,
          'exception.message': event.error.message,
          'pitwall.callback.name': event.callback,
        }),
      };
    case 'callback:slow':
      return {
        name: 'pitwall.callback.slow',
        attributes: known({
          'pitwall.callback.name': event.callback,
          'pitwall.callback.event': event.event,
          'pitwall.callback.duration': inSeconds(event.durationMs),
        }),
      };
    case 'dropped':
      return {
        name: 'pitwall.dropped',
        attributes: known({ 'pitwall.dropped.what': event.what, 'pitwall.dropped.count': event.count }),
      };
  }
}

/** A checkpoint in the middle of an epoch, or the one that an epoch ends with. */
export function checkpointEvent({ path, hash }: { readonly path: string; readonly hash: string }): OtelSpanEvent {
  return {
    name: 'pitwall.checkpoint',
    attributes: known({ 'pitwall.checkpoint.path': path, 'pitwall.checkpoint.hash': hash }),
  };
}

/** The metrics that are NaN or infinite: as numbers not every receiver takes them. The first eight. */
export function notFiniteEvents(metrics: unknown): readonly OtelSpanEvent[] {
  return numbersOf(metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .slice(0, 8)
    .map(([name, value]) => ({
      name: 'pitwall.metric.not_finite',
      attributes: known({ 'pitwall.metric.name': name, 'pitwall.metric.value': String(value) }),
    }));
}

function ruleAttributes({ rule, why }: EventOf<'sla:unmeasured' | 'sla:unenforceable'>): Attributes {
  return known({ 'pitwall.sla.rule': rule, 'pitwall.sla.why': why });
}

function violationAttributes(violation: Violation): Attributes {
  const { evaluationId, rule, action, limit, observed, unit, layer, message } = violation;
  return known({
    'pitwall.evaluation.id': evaluationId,
    'pitwall.sla.rule': rule,
    'pitwall.sla.action': action,
    'pitwall.sla.limit': limit,
    'pitwall.sla.observed': observed,
    'pitwall.sla.unit': unit,
    'pitwall.sla.layer': layer,
    'pitwall.sla.message': message,
  });
}
