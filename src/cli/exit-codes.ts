import { wrapped } from './layout.ts';

/** What stands below a command's help: how it may end, as wide as the terminal. @param verdicts the codes before 2, which all share */
export function exitCodes(verdicts: string): () => string {
  const text = `Exit codes: ${verdicts}, 2 a mistake in what was asked for, or stdout could not be written.`;
  // Looked up when it is printed; a terminal that was given no size tells 0.
  return () => `\n${wrapped(text, { columns: process.stdout.columns || 80 }).join('\n')}`;
}
