import { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import type { ReportOptions } from './report/run-report.ts';

/** `pitwall report`: a recorded run as one HTML page, as Markdown or as JSON. */
export function reportCommand(): Command {
  return new Command('report')
    .description('report a recorded run as one HTML page: curves, a timeline of its evaluations, what broke its SLA')
    .argument('<run>', "a run's folder, its id below the journal's folder, or latest")
    .option('--out <file>', "where the page is written (default: report.html in the run's folder)")
    .option('--json', 'print the report as one JSON object, and write no page', false)
    .option('--md', 'print the report as Markdown, and write no page', false)
    .option('--journal <folder>', 'the folder that holds a folder for each run', '.pitwall')
    .addHelpText('after', exitCodes('0 it is reported'))
    .action(async (run: string, options: ReportOptions) => {
      // Loaded when it is used: the other commands, and --help, need none of it.
      const { runReport } = await import('./report/run-report.ts');
      await runReport(run, options);
    });
}
