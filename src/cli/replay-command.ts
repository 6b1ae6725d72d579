import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { ReplayOptions } from './replay/run-replay.ts';

/** `pitwall replay`: judges a recorded run again, by other limits or another breaker. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'judge a recorded run again: what other limits would have stopped, and what the breaker would have done',
    )
    .argument('<run>', "a run's folder, its id below the journal's folder, or latest")
    .option('--sla <file>', 'JSON: the limits to judge by, for every evaluation; rules left out have their defaults')
    .option('--breaker <file>', 'JSON: the options of the breaker; without it those of the record')
    .option('--evaluation <name>', 'judge the evaluations of this name only')
    .option('--suggest', 'propose limits from what the completed evaluations took', false)
    .option('--json', 'print one JSON object, and nothing else', false)
    .option('--journal <folder>', 'the folder that holds a folder for each run', '.pitwall')
    .addHelpText('after', exitCodes('0 nothing would be stopped, 1 something would be'))
    .action(async (run: string, options: ReplayOptions) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { runReplay } = await import('./replay/run-replay.ts');
      process.exitCode = await runReplay(run, options);
    });
}
