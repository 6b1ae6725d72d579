import { told } from './told.ts';

/** Says why something failed: of an Error its message, of anything else what it is. It never throws, whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : told(error);
  } catch {
    return 'something that cannot be told'; // it throws when it is asked what it is
  }
}
