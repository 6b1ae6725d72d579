import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError, reasonOf } from '../../errors/index.ts';
import { plainJson, reportMarkdown, reportPage, reportRun } from '../../report/index.ts';
import { findRun } from '../find-run.ts';

/** What `pitwall report` is asked for. */
export interface ReportOptions {
  readonly out?: string;
  readonly json: boolean;
  readonly md: boolean;
  readonly journal: string;
}

/**
 * Reports a run, and prints the report or where its page is.
 *
 * @throws {PitwallError} one sentence about a mistake of the user's, or about what is wrong with the journal.
 */
export async function runReport(run: string, { out, json, md, journal }: ReportOptions): Promise<void> {
  if (json && md) throw new ConfigurationError('A report is printed in one form: give --json or --md, not both.');
  if (out !== undefined && (json || md))
    throw new ConfigurationError(
      '--out names the file of the page, and --json and --md write none: leave one of them out.',
    );
  const folder = await findRun(run, journal);
  const report = await reportRun(folder);
  if (json) console.log(plainJson(report));
  else if (md) console.log(reportMarkdown(report));
  else console.log(await written(out ?? join(folder, 'report.html'), reportPage(report)));
}

async function written(path: string, page: string): Promise<string> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new ConfigurationError(
      `The page cannot be written to ${path}: ${reasonOf(error)}. Give another place with --out.`,
      {
        cause: error,
      },
    );
  }
  return path;
}
