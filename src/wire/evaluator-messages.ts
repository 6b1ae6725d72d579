import { z } from 'zod';

/** What the supervisor tells an evaluator, in this order; `abort` may follow. */
export type SupervisorToEvaluator =
  | {
      readonly type: 'load';
      readonly name: string;
      readonly module: string;
      readonly folder: string;
      readonly seed: number;
      readonly maxResultMb: number;
    }
  | { readonly type: 'go' }
  | { readonly type: 'abort' };

/** What an evaluator tells: it is not trusted, so it is checked. */
export const evaluatorMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('result') }),
  z.object({
    type: z.literal('failed'),
    errorKind: z.enum(['crashed', 'rejected']),
    code: z.string().max(100),
    message: z.string(),
    stack: z.string().optional(),
  }),
]);

export type EvaluatorMessage = z.infer<typeof evaluatorMessageSchema>;

/** The descriptor on which an evaluator tells, and the one on which it is told: one a direction. */
export const tellingFd = 3;
export const toldFd = 4;
