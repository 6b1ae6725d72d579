#!/usr/bin/env node
// The program 'pitwall'. Each command stands in a file of its own.
import { Command, CommanderError } from 'commander';
import { PitwallError } from '../errors/index.ts';
import { demoCommand } from './demo-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { drillCommand } from './drill-command.ts';
import { guardOutput } from './guard-output.ts';
import { helpCommand } from './help-command.ts';
import { packageVersion } from './package-version.ts';
import { replayCommand } from './replay-command.ts';
import { reportCommand } from './report-command.ts';
import { runsCommand } from './runs-command.ts';

guardOutput();

const program = new Command('pitwall')
  .description('Evaluates checkpoints beside the training, and stops what breaks its limits.')
  .version(packageVersion(), '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showSuggestionAfterError()
  .showHelpAfterError('(pitwall --help lists the commands)')
  .addCommand(demoCommand())
  .addCommand(doctorCommand())
  .addCommand(drillCommand())
  .addCommand(replayCommand())
  .addCommand(reportCommand())
  .addCommand(runsCommand());

program.addCommand(helpCommand(program));

for (const command of [program, ...program.commands])
  command
    // By itself Commander ends a mistake in the command line with 1, which is what a verdict says.
    .exitOverride()
    // By itself it breaks no description for which less than 40 columns are left: in a terminal of 60 columns none.
    .configureHelp({ minWidthToWrap: 10 });

try {
  await program.parseAsync();
} catch (error) {
  // A mistake of the user's is one sentence; anything else is ours, and its stack says where.
  if (!(error instanceof CommanderError || error instanceof PitwallError)) throw error;
  if (error instanceof PitwallError) console.error(`pitwall: ${error.message}`);
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
}
