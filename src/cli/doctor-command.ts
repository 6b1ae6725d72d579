import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { DoctorOptions } from './doctor/run-doctor.ts';

/** `pitwall doctor`: tries what can be enforced and measured on this machine. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('try what can be enforced and measured on this machine, with real evaluators that misbehave')
    .option('--sla <file>', 'JSON: the limits that are to be held; rules left out have their defaults')
    .option('--json', 'print one JSON object, and nothing else', false)
    .addHelpText('after', exitCodes('0 every limit of the SLA can be held here, 1 one of them cannot'))
    .action(async (options: DoctorOptions) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { runDoctor } = await import('./doctor/run-doctor.ts');
      process.exitCode = await runDoctor(options);
    });
}
