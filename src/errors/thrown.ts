import { told } from './told.ts';

/** Says whatever was thrown: of an Error its name and message, of anything else what it is. It never throws, whatever was thrown. */
export function thrownWords(error: unknown): string {
  try {
    if (!(error instanceof Error)) return `${told(error)} was thrown`;
    const { name, message }: { readonly name: unknown; readonly message: unknown } = error;
    return `${String(name)}: ${String(message)}`;
  } catch {
    return 'something that cannot be told was thrown';
  }
}

/** Where an Error was made, at most so many characters; `undefined` where that is no text: a program may put there what it likes. */
export function stackOf(error: unknown, longest: number): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack.slice(0, longest) : undefined;
  } catch {
    return undefined;
  }
}
