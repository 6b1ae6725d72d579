import { reasonOf } from '../errors/index.ts';

/**
 * Has every command live through output that cannot be written. By itself Node ends with a stack, or, where it was `console.log`,
 * says nothing and ends with 0.
 *
 * A reader that has gone (`| head -1`) is no error: the command goes on to its verdict. Anything else, as a full disk, is told once
 * on stderr, and the exit code is 2, whatever the verdict.
 */
export function guardOutput(): void {
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isTold || error.code === 'EPIPE') return;
    isTold = true;
    console.error(`pitwall: stdout could not be written: ${reasonOf(error)}. Send the output to another place.`);
    // At the very end, as a command tells its verdict when it is done.
    process.once('exit', () => {
      process.exitCode = 2;
    });
  });
  process.stderr.on('error', () => undefined); // nowhere is left to tell it
}
