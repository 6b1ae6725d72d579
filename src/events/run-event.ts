import { z } from 'zod';
import { sampleSchema, usageSchema } from './sample.ts';
import { violationSchema } from './violation.ts';

const milliseconds = z.number();
const count = z.number().int().nonnegative();
const metrics = z.record(z.string(), z.unknown());
const errorTold = z.object({ code: z.string().optional(), name: z.string().optional(), message: z.string() });

const checkpointSchema = z.object({ path: z.string(), hash: z.string() });

/** How the evaluations of a run ended; `requested` is the sum of the others once the run has ended. */
export const evaluationCountsSchema = z.object({
  requested: count,
  completed: count,
  violated: count,
  failed: count,
  cancelled: count,
  skipped: count,
});

/**
 * What the delivery of events cost the training thread, up to `training:end`.
 *
 * Counted is the synchronous time of each event's delivery: its record (state, and its line for the journal) and the callbacks, and
 * the hooks that waited for their turn. Of the steps, one in 64 is timed and stands for all. Not counted is what callbacks do in
 * timers and promises of their own, what evaluations tell between two events, the subscribers of `trainer.events$`, the writes to
 * the disk, and the timing of the steps itself.
 */
export const overheadSchema = z.object({
  /** Synchronous time of each callback on the training thread, by its name. */
  callbacksMs: z.record(z.string(), z.number()),
  /** The callbacks, and the record and hand-over of each event, as said above. */
  totalMs: milliseconds,
  /** From `run:start` to `training:end`. */
  trainingMs: milliseconds,
  /** `totalMs` of `trainingMs`, in percent; `null` before any time has passed. */
  percent: z.number().nullable(),
});

const subject = {
  evaluationId: z.string(),
  name: z.string(),
  /** The epoch and step that the evaluation is of: not those in which it ends. */
  epoch: count,
  step: count,
};

const event = <Type extends string, Shape extends z.core.$ZodLooseShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), seq: count, at: milliseconds, runId: z.string(), ...shape });

/** It came to nothing because of `trainer.stop`: a run that goes on all the same asks for it again. */
const stopped = z.boolean().optional();

const evaluationEnd = event('evaluation:end', {
  ...subject,
  status: z.enum(['completed', 'violated', 'failed', 'cancelled']),
  stopped,
  result: z.unknown().optional(),
  /** What was learned before a stop: inconclusive, never the whole. */
  partial: z.unknown().optional(),
  items: z.object({ done: count, total: count.optional() }),
  violation: violationSchema.optional(),
  /** `stack` says where the evaluator threw, if it did. */
  error: z.object({ code: z.string(), kind: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
  usage: usageSchema,
});

/** The vocabulary of a run. `type` is the tag; `at` is wall-clock milliseconds; every `...Ms` is a duration. */
export const runEventSchema = z.discriminatedUnion('type', [
  event('run:start', { name: z.string(), epochs: count, config: z.record(z.string(), z.unknown()) }),
  // The run goes on in another process. What was told after `fromSeq` and before this is superseded, but for what is told of
  // evaluations of the epochs up to there; `fromEpoch` is the epoch of the checkpoint that it goes on from, 0 for none.
  event('run:resume', {
    fromSeq: count,
    fromEpoch: count,
    /** As they are now. */
    epochs: count.optional(),
    config: z.record(z.string(), z.unknown()).optional(),
  }),
  event('epoch:start', { epoch: count }),
  event('epoch:end', {
    epoch: count,
    metrics,
    checkpoint: checkpointSchema.optional(),
    /** How many steps the run had done: where there is a checkpoint, as a run that goes on from it has to know. */
    step: count.optional(),
    interrupted: z.boolean().optional(),
  }),
  // Ephemeral: without `seq`, and never in the journal.
  z.object({
    type: z.literal('step'),
    at: milliseconds,
    runId: z.string(),
    epoch: count,
    step: count,
    durationMs: milliseconds,
    metrics: metrics.optional(),
  }),
  event('step:summary', {
    epoch: count,
    step: count,
    count,
    p50Ms: milliseconds,
    p99Ms: milliseconds,
    maxMs: milliseconds,
  }),
  event('checkpoint', { epoch: count, step: count, ...checkpointSchema.shape }),
  event('training:end', { epochs: count, steps: count }),
  event('run:end', {
    epochs: count,
    steps: count,
    status: z.enum(['completed', 'stopped', 'failed']),
    reason: z.string().optional(),
    error: errorTold.optional(),
    evaluations: evaluationCountsSchema,
    overhead: overheadSchema,
  }),
  event('evaluation:requested', subject),
  event('evaluation:skipped', {
    ...subject,
    reason: z.enum(['busy', 'superseded', 'breaker-open', 'stopping']),
    stopped,
  }),
  event('evaluation:start', { ...subject, pid: z.number().int().optional(), queuedMs: milliseconds }),
  event('evaluation:progress', {
    ...subject,
    done: z.number(),
    total: z.number().optional(),
    note: z.string().optional(),
  }),
  event('evaluation:sample', { ...subject, ...sampleSchema.shape }),
  evaluationEnd,
  event('sla:violation', { violation: violationSchema }),
  event('sla:recovered', { violation: violationSchema }),
  event('sla:unmeasured', { rule: z.string(), why: z.string() }),
  event('sla:unenforceable', { rule: z.string(), why: z.string() }),
  event('breaker:transition', {
    name: z.string(),
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    /** The id of the evaluation that the breaker had last heard of. */
    causedBy: z.string().optional(),
  }),
  event('callback:error', { callback: z.string(), error: errorTold }),
  event('callback:slow', { callback: z.string(), durationMs: milliseconds, event: z.string() }),
  event('dropped', { what: z.string(), count }),
  event('custom', { name: z.string(), value: z.unknown() }),
]);

/** One event of a run. */
export type RunEvent = z.infer<typeof runEventSchema>;

/** The tag of a {@link RunEvent}. */
export type RunEventType = RunEvent['type'];

/** The event with the given tag: `EventOf<'evaluation:end'>`. */
export type EventOf<Type extends RunEventType> = Extract<RunEvent, { type: Type }>;

/** Every event but the ephemeral `step`. */
export type JournalledEvent = Exclude<RunEvent, { type: 'step' }>;

/** An event before the run has given it its `seq`, `at` and `runId`. */
export type EventBody = JournalledEvent extends infer Each
  ? Each extends JournalledEvent
    ? Omit<Each, 'seq' | 'at' | 'runId'>
    : never
  : never;

export type EvaluationCounts = z.infer<typeof evaluationCountsSchema>;
export type Overhead = z.infer<typeof overheadSchema>;
export type CheckpointRef = z.infer<typeof checkpointSchema>;
