import { z } from 'zod';
import { evaluatorErrorCodes } from './evaluator-messages.ts';

/** Longer words are cut: they go through the supervisor to the host. */
const longestText = 8_000;
const text = z.string().transform((all) => all.slice(0, longestText));

/** What an evaluator tells: it is not trusted, so it is checked. */
export const evaluatorMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('result') }),
  z.object({
    type: z.literal('failed'),
    errorKind: z.enum(['crashed', 'rejected']),
    code: z.enum(evaluatorErrorCodes),
    message: text,
    stack: text.optional(),
  }),
]);

export type EvaluatorMessage = z.infer<typeof evaluatorMessageSchema>;

const name = z.string().transform((all) => all.slice(0, 200));

/** What a command tells, a JSON line each: not trusted either. `ready` and `missing` are the gate's before it. */
export const commandMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('missing') }),
  z.object({ type: z.literal('item'), name }),
  z.object({ type: z.literal('item-end'), name }),
  z.object({ type: z.literal('progress'), done: z.number(), total: z.number().optional(), note: name.optional() }),
  z.object({ type: z.literal('partial'), value: z.unknown() }),
]);
