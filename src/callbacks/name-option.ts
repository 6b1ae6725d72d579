import { z } from 'zod';

/** The name of a callback among the options of a ready-made one, as `assertCallbackName` holds it of all. */
export const nameOption = z
  .string()
  .refine((name) => name.trim() !== '')
  .describe('a name, a string that is not empty');
