import { z } from 'zod';

/** What happens when a rule is broken: tell, give the evaluation a smaller share, or end it. */
export const violationActions = ['warn', 'throttle', 'abort'] as const;

export const violationSchema = z.object({
  /** The rule's key in the SLA, or the name a user's safeguard gave it. */
  rule: z.string(),
  limit: z.number(),
  /** What was measured, in `unit`. */
  observed: z.number(),
  unit: z.string(),
  action: z.enum(violationActions),
  evaluationId: z.string(),
  /** Wall-clock milliseconds. */
  observedAt: z.number(),
  /** Time rules only: when the time was up. */
  deadlineAt: z.number().optional(),
  /** When the kill was sent. */
  killedAt: z.number().optional(),
  /** When the last process of the tree was gone. */
  goneAt: z.number().optional(),
  /** The evaluation's process tree got under 20% of a core while it was not paused: it waited by itself, or none was free. */
  starved: z.boolean().optional(),
  /**
   * Of `memoryMb`, who caught it: the look at the process tree (`poll`), V8's limit of its heap (`heap`), the limit of writable memory
   * (`data`), the control group (`cgroup`).
   */
  layer: z.enum(['poll', 'heap', 'data', 'cgroup']).optional(),
  /** How much later the host learned of it than it happened, because its own loop was busy. */
  lateByHostMs: z.number(),
  /** How long Pitwall itself had paused the evaluation. */
  pausedMs: z.number(),
  /** A sentence for people: what, when, before or in which item. */
  message: z.string().optional(),
});

/** A rule that an evaluation broke. */
export type Violation = z.infer<typeof violationSchema>;
