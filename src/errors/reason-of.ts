import { told } from './told.ts';

/** Says why something failed: of an Error its message, of anything else what it is. It never throws, whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return told(error);
    const { message }: { readonly message: unknown } = error; // a program may put there what it likes
    return String(message);
  } catch {
    return 'something that cannot be told'; // it throws when it is asked what it is
  }
}
