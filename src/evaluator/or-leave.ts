import { reasonOf } from '../errors/reason-of.ts';
import { tellingFd } from '../wire/evaluator-side.ts';

/** As it is before the evaluator is loaded. */
const exit = process.exit.bind(process);

/** Tells the supervisor something, or says to people why that cannot be, and ends: nobody would hear of this evaluation any more. */
export function orLeave(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    try {
      process.stderr.write(
        `Descriptor ${tellingFd} is Pitwall's, which tells there what came of the evaluation, but it cannot be written to (${reasonOf(error)}): close only what you have opened.\n`,
      );
    } finally {
      exit(1);
    }
  }
}
