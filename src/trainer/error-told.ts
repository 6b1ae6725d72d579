import { reasonOf } from '../errors/index.ts';

/** An error as events tell it. */
export interface ErrorTold {
  readonly code?: string;
  readonly name?: string;
  readonly message: string;
}

/** Tells whatever was thrown: of an Error its code, name and message, of anything else what it is. */
export function errorTold(error: unknown): ErrorTold {
  if (!(error instanceof Error)) return { message: `${reasonOf(error)} was thrown, which is no Error` };
  const { code } = error as { code?: unknown };
  const told = { name: error.name, message: error.message };
  return typeof code === 'string' ? { code, ...told } : told;
}
