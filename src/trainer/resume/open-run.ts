import { resolve } from 'node:path';
import { ConfigurationError, told } from '../../errors/index.ts';
import { latestRun } from '../../journal/index.ts';
import { runIdPattern } from '../run-id.ts';
import { parseResumeOptions, type ResumeOptions, type TrainerSettings } from '../trainer-options.ts';
import { openPast, type OpenedPast } from './open-past.ts';

/**
 * Finds the run that is to go on, and opens it.
 *
 * @param runId an id, or `latest`
 * @throws what {@link openPast} throws; {@link ConfigurationError} for mistakes in what was asked for.
 */
export async function openRun(
  runId: string,
  options: ResumeOptions,
): Promise<{ readonly settings: TrainerSettings; readonly opened: OpenedPast }> {
  const settings = parseResumeOptions(options);
  const { journal, name } = settings;
  if (typeof runId !== 'string' || !runIdPattern.test(runId))
    throw new ConfigurationError(
      `Trainer.resume(runId) must get the id of a run, or 'latest', but ${told(runId)} came.`,
    );
  const found = runId === 'latest' ? await latestRun(journal, name) : runId;
  const runFolder = resolve(journal, found);
  return { settings: { ...settings, runId: found, runFolder }, opened: await openPast(runFolder, found, name) };
}
