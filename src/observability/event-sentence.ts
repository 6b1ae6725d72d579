import { stripVTControlCharacters } from 'node:util';
import { scaleTold, type EventOf, type EvaluationCounts, type JournalledEvent } from '../events/index.ts';
import { violationSentence } from '../sla/index.ts';
import { clipped, counted, figure, oneLine } from '../words/index.ts';
import { brief, duration, entries } from './in-words.ts';

/** Longer sentences are cut: the whole is in the journal. */
const longestSentence = 500;

/** No more is looked at, so that a text of megabytes costs no more than a long one. */
const longestLook = 4_000;

/**
 * Says an event in one readable line: `vs-random of epoch 3 completed in 1.2 s: winRate 0.85`. What others have written into it
 * has no command for a terminal in it.
 *
 * @throws whatever a live value in it throws when it is looked at.
 */
export function sentenceOf(event: JournalledEvent): string {
  return oneLine(stripVTControlCharacters(clipped(wordsOf(event), longestLook)), longestSentence);
}

function wordsOf(event: JournalledEvent): string {
  switch (event.type) {
    case 'run:start':
      return `run "${event.name}" (${event.runId}) starts: ${counted(event.epochs, 'epoch')}`;
    case 'run:resume':
      return `run ${event.runId} goes on ${event.fromEpoch === 0 ? 'from its beginning' : `from the checkpoint of epoch ${event.fromEpoch}`}`;
    case 'run:end':
      return runEnd(event);
    case 'epoch:start':
      return `epoch ${event.epoch} begins`;
    case 'epoch:end':
      return epochEnd(event);
    case 'step:summary':
      return `epoch ${event.epoch}, step ${event.step}: ${counted(event.count, 'step')}, half within ${duration(event.p50Ms)}, 99% within ${duration(event.p99Ms)}, the longest ${duration(event.maxMs)}`;
    case 'checkpoint':
      return `checkpoint at epoch ${event.epoch}, step ${event.step}: ${event.path}`;
    case 'training:end':
      return `training ended after ${counted(event.epochs, 'epoch')}, ${counted(event.steps, 'step')}`;
    case 'evaluation:requested':
      return `${subject(event)} requested`;
    case 'evaluation:skipped':
      return `${subject(event)} skipped: ${skipped[event.reason]}`;
    case 'evaluation:start':
      return `${subject(event)} starts after ${duration(event.queuedMs)}${event.pid === undefined ? '' : `, process ${event.pid}`}`;
    case 'evaluation:progress':
      return `${subject(event)}: ${figure(event.done)}${event.total === undefined ? '' : ` of ${figure(event.total)}`} done${event.note === undefined ? '' : `, ${event.note}`}`;
    case 'evaluation:sample': {
      const { memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb } = event;
      return `${subject(event)}: ${entries({ memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb })}`;
    }
    case 'evaluation:end':
      return evaluationEnd(event);
    case 'sla:violation':
      return `SLA violation (${event.violation.action}) of ${event.violation.evaluationId}: ${event.violation.message ?? violationSentence(event.violation)}`;
    case 'sla:recovered':
      return `SLA kept again by ${event.violation.evaluationId}: ${event.violation.rule}`;
    case 'sla:unmeasured':
      return `SLA rule ${event.rule} cannot be measured: ${event.why}`;
    case 'sla:unenforceable':
      return `SLA rule ${event.rule} cannot be enforced: ${event.why}`;
    case 'breaker:transition':
      return `breaker "${event.name}": ${event.from} -> ${event.to} (${event.reason})`;
    case 'callback:error':
      return `callback "${event.callback}" failed: ${event.error.message}`;
    case 'callback:slow':
      return `callback "${event.callback}" held the training for ${duration(event.durationMs)} on ${event.event}`;
    case 'dropped':
      return `dropped: ${event.count} of ${event.what}`;
    case 'custom':
      return custom(event);
  }
}

function custom(event: EventOf<'custom'>): string {
  const scaled = scaleTold(event);
  if (scaled === undefined) return `${event.name}: ${brief(event.value)}`;
  const { name, factor, scale, reason, callback } = scaled;
  return `${name} scaled by ${figure(factor)} to ${figure(scale)}, by "${callback}": ${reason}`;
}

const skipped: Record<EventOf<'evaluation:skipped'>['reason'], string> = {
  busy: 'another one runs still',
  superseded: 'a newer one took its place',
  'breaker-open': 'its circuit breaker is open',
  stopping: 'the run is stopping',
};

function epochEnd({ epoch, metrics, checkpoint, interrupted }: EventOf<'epoch:end'>): string {
  const told = entries(metrics);
  return `epoch ${epoch} ${interrupted === true ? 'interrupted' : 'ended'}${told === '' ? '' : `: ${told}`}${checkpoint === undefined ? '' : `, checkpoint ${checkpoint.path}`}`;
}

function evaluationEnd(event: EventOf<'evaluation:end'>): string {
  const { status, result, error, violation, usage } = event;
  const [within, after] =
    usage.wallMs === null ? ['', ''] : [` in ${duration(usage.wallMs)}`, ` after ${duration(usage.wallMs)}`];
  switch (status) {
    case 'completed':
      return `${subject(event)} completed${within}: ${brief(result)}`;
    case 'violated': {
      const why = violation === undefined ? error?.message : (violation.message ?? violationSentence(violation));
      return `${subject(event)} broke its SLA${after}: ${why ?? 'no reason told'}`;
    }
    case 'failed':
      return `${subject(event)} failed${after}: ${error === undefined ? 'no reason told' : `${error.code}: ${error.message}`}`;
    case 'cancelled':
      return `${subject(event)} cancelled${after}: ${error?.message ?? 'no reason told'}`;
  }
}

function runEnd(event: EventOf<'run:end'>): string {
  const why = event.error?.message ?? event.reason;
  const { percent } = event.overhead;
  return [
    `run ${event.runId} ${event.status}${why === undefined ? '' : ` (${why})`}`,
    `${counted(event.epochs, 'epoch')}, ${counted(event.steps, 'step')}`,
    `evaluations: ${outcomes(event.evaluations)}`,
    ...(percent === null ? [] : [`Pitwall took ${figure(percent)}% of the training's time`]),
  ].join('; ');
}

function outcomes({ requested, ...ended }: EvaluationCounts): string {
  const told = Object.entries(ended).filter(([, count]) => count > 0);
  return [`${requested} requested`, ...told.map(([status, count]) => `${count} ${status}`)].join(', ');
}

function subject({ name, epoch }: { readonly name: string; readonly epoch: number }): string {
  return `${name} of epoch ${epoch}`;
}
