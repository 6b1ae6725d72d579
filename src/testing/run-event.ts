import type { EventOf, RunEvent, RunEventType, Usage } from '../events/index.ts';

/** An event of which a test tells what matters: its `type`, and the fields that differ from the usual. */
export type RunEventSketch = {
  readonly [Type in RunEventType]: { readonly type: Type } & Partial<Omit<EventOf<Type>, 'type'>>;
}[RunEventType];

/** Nothing measured, no time taken. */
const usage: Usage = {
  wallMs: 0,
  cpuMs: null,
  cpuShare: null,
  peakMemoryMb: null,
  startMs: 0,
  pausedMs: 0,
  queuedMs: 0,
  goneMs: 0,
};

const subject = { evaluationId: 'e-1', name: 'evaluation', epoch: 1, step: 0 };

const violation = {
  rule: 'memoryMb',
  limit: 1,
  observed: 2,
  unit: 'MB',
  action: 'abort' as const,
  evaluationId: 'e-1',
  observedAt: 0,
  lateByHostMs: 0,
  pausedMs: 0,
};

const error = { message: 'failed' };

/** What every field is unless a test says otherwise. */
const usual: { readonly [Type in RunEventType]: Omit<EventOf<Type>, 'type' | 'seq' | 'at' | 'runId'> } = {
  'run:start': { name: 'run', epochs: 1, config: {} },
  'run:resume': { fromSeq: 1, fromEpoch: 0 },
  'epoch:start': { epoch: 1 },
  'epoch:end': { epoch: 1, metrics: {} },
  step: { epoch: 1, step: 1, durationMs: 1 },
  'step:summary': { epoch: 1, step: 1, count: 1, p50Ms: 1, p99Ms: 1, maxMs: 1 },
  checkpoint: { epoch: 1, step: 1, path: 'checkpoint', hash: '' },
  'training:end': { epochs: 1, steps: 0 },
  'run:end': {
    epochs: 1,
    steps: 0,
    status: 'completed',
    evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
    overhead: { callbacksMs: {}, totalMs: 0, trainingMs: 0, percent: null },
  },
  'evaluation:requested': subject,
  'evaluation:skipped': { ...subject, reason: 'busy' },
  'evaluation:start': { ...subject, queuedMs: 0 },
  'evaluation:progress': { ...subject, done: 0 },
  'evaluation:sample': {
    ...subject,
    memoryMb: null,
    cpuPercent: null,
    gpuUtilizationPercent: null,
    gpuMemoryMb: null,
  },
  'evaluation:end': { ...subject, status: 'completed', items: { done: 0 }, usage },
  'sla:violation': { violation },
  'sla:recovered': { violation },
  'sla:unmeasured': { rule: 'memoryMb', why: 'it could not be measured' },
  'sla:unenforceable': { rule: 'memoryMb', why: 'it cannot be held here' },
  'breaker:transition': { name: 'evaluation', from: 'closed', to: 'open', reason: 'failure-rate' },
  'callback:error': { callback: 'callback', error },
  'callback:slow': { callback: 'callback', durationMs: 1, event: 'epoch:end' },
  dropped: { what: 'events', count: 1 },
  custom: { name: 'custom', value: null },
};

/**
 * Makes a whole event of a run out of what a test cares for; everything else has its usual value.
 *
 * @param sketch its type and the fields that matter; of `step`, which has no `seq`, none is made
 *
 * @example
 * runEvent({ type: 'epoch:end', epoch: 3, metrics: { loss: 0.1 } }); // { type: 'epoch:end', seq: 1, at: 0, runId: 'run', epoch: 3, … }
 */
export function runEvent<const Sketch extends RunEventSketch>(sketch: Sketch): EventOf<Sketch['type']> {
  const seq = sketch.type === 'step' ? {} : { seq: 1 };
  return { ...seq, at: 0, runId: 'run', ...usual[sketch.type], ...sketch } as RunEvent as EventOf<Sketch['type']>;
}
