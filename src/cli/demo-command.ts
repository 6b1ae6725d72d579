import { Command, InvalidArgumentError } from 'commander';

/** `pitwall demo`: a real training with real evaluations beside it, one of which goes wrong. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'train a network at dobutsu shogi, evaluate it beside the training, and stop an evaluator that goes wrong',
    )
    .option('--epochs <count>', 'how many epochs to train', wholeNumberFrom(1), 10)
    .option('--seed <number>', 'the same seed gives the same training curve', wholeNumberFrom(0), 1)
    .option('--no-rogue', 'leave out the evaluator that goes wrong')
    .option('--json', 'print one JSON object at the end, and nothing else', false)
    .option('--journal <folder>', 'the folder that holds a folder for each run', '.pitwall')
    .action(async (options: DemoCommandOptions) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { runDemo } = await import('./demo/demo.ts');
      process.exitCode = await runDemo(options);
    });
}

interface DemoCommandOptions {
  readonly epochs: number;
  readonly seed: number;
  readonly rogue: boolean;
  readonly json: boolean;
  readonly journal: string;
}

function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} on.`);
  };
}
