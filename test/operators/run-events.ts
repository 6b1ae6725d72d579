import type { EventOf } from '../../src/events/index.ts';

const common = { at: 0, runId: 'run' };

export function step(step: number, epoch = 1, metrics?: Record<string, unknown>): EventOf<'step'> {
  return { type: 'step', ...common, epoch, step, durationMs: 1, ...(metrics && { metrics }) };
}

export function epochEnd(
  epoch: number,
  more: Partial<Pick<EventOf<'epoch:end'>, 'metrics' | 'checkpoint' | 'interrupted'>> = {},
): EventOf<'epoch:end'> {
  return { type: 'epoch:end', seq: epoch, ...common, epoch, metrics: {}, ...more };
}

export function epochStart(epoch: number): EventOf<'epoch:start'> {
  return { type: 'epoch:start', seq: epoch, ...common, epoch };
}

export function trainingEnd(epochs = 1, steps = 1): EventOf<'training:end'> {
  return { type: 'training:end', seq: 1, ...common, epochs, steps };
}

/** An evaluation's subject is of the past: its epoch and step say nothing of where the training is. */
export function evaluationRequested(epoch: number, step: number): EventOf<'evaluation:requested'> {
  return { type: 'evaluation:requested', seq: 1, ...common, evaluationId: 'e', name: 'e', epoch, step };
}
