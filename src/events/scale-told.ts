import { z } from 'zod';
import type { RunEvent } from './run-event.ts';

/** The name of the `custom` event that tells a callback's `scale` directive. Names that begin so are the trainer's. */
export const scaleEventName = 'directive:scale';

const scaleToldSchema = z.object({
  name: z.string(),
  factor: z.number().positive(),
  scale: z.number().positive(),
  reason: z.string(),
  callback: z.string(),
  causedBySeq: z.number().int().optional(),
});

/** What the event of a `scale` directive tells. */
export interface ScaleTold {
  /** What is scaled: `learningRate`, for one. */
  readonly name: string;
  /** What it is multiplied by, above 0. */
  readonly factor: number;
  /** The product of all factors of this name so far, this one too. */
  readonly scale: number;
  readonly reason: string;
  /** Whose directive it is. */
  readonly callback: string;
  /** The `seq` of the event that it answers; missing where it answers none, or a step. */
  readonly causedBySeq?: number | undefined;
}

/** Reads a `scale` directive from the event that tells it; `undefined` for every other event. */
export function scaleTold(event: RunEvent): ScaleTold | undefined {
  if (event.type !== 'custom' || event.name !== scaleEventName) return undefined;
  return scaleToldSchema.safeParse(event.value).data;
}
