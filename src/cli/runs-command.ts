import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { RunsOptions } from './runs/list-runs.ts';

/** `pitwall runs`: what runs a folder holds, and how each went. */
export function runsCommand(): Command {
  return new Command('runs')
    .description('list the recorded runs: when each began, how far it came and how it ended')
    .option('--json', 'print one JSON object, and nothing else', false)
    .option('--journal <folder>', 'the folder that holds a folder for each run', '.pitwall')
    .addHelpText('after', exitCodes('0 they are listed'))
    .action(async (options: Omit<RunsOptions, 'isNamed'>, command: Command) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { listRuns } = await import('./runs/list-runs.ts');
      await listRuns({ ...options, isNamed: command.getOptionValueSource('journal') === 'cli' });
    });
}
