import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { DrillOptions } from './drill/run-drill.ts';

/** `pitwall drill`: breaks every limit of one's own evaluations, and shows that it fires. */
export function drillCommand(): Command {
  return new Command('drill')
    .description('break every limit of your evaluations with evaluators that misbehave, and show that each fires')
    .argument('<module>', 'the module that exports your evaluations: each by itself, or an array or an object of them')
    .option('--seconds <number>', 'how long a limit of time is waited for: a longer one is held at this', '2')
    .option('--evaluation <name>', 'drill the evaluations of this name only')
    .option('--training', 'drill trainingImpactPercent too, beside a training: up to a minute and a half', false)
    .option('--json', 'print one JSON object, and nothing else', false)
    .addHelpText('after', exitCodes('0 all that was drilled fired, 1 something did not'))
    .action(async (module: string, options: DrillOptions) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { runDrill } = await import('./drill/run-drill.ts');
      const { exitWhenWritten, tellEarlyEnd } = await import('./drill/beside-the-module.ts');
      const isOver = tellEarlyEnd(module);
      try {
        process.exitCode = await runDrill(module, options);
      } finally {
        isOver();
        // Whatever the user's module has begun when it was loaded: nobody waits for it. A mistake is told in between.
        setImmediate(() => void exitWhenWritten());
      }
    });
}
