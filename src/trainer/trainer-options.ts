import { resolve } from 'node:path';
import { z } from 'zod';
import { systemClock, type Clock } from '../clock/index.ts';
import { parseOptions } from '../errors/index.ts';
import { createRunId, runIdPattern } from './run-id.ts';

/** What happens at `training:end` to the evaluations that still run: the run waits for them, or cancels them. */
export type Drain = 'wait' | 'cancel';

/** What a {@link Trainer} is made of. */
export interface TrainerOptions {
  readonly name: string;
  /** How many epochs `fit` runs, from 1 on. */
  readonly epochs: number;
  /** The folder that holds a folder for each run, by default `.pitwall`; `false` keeps no journal. */
  readonly journal?: string | false | undefined;
  /** Letters, digits, `.`, `_` and `-`; by default the time of the beginning and six random digits. */
  readonly runId?: string | undefined;
  /** By default the machine's. */
  readonly clock?: Clock | undefined;
  /** By default `wait`: the SLA of each evaluation bounds it. */
  readonly drain?: Drain | undefined;
  /** How many evaluators' processes there are at once, over all evaluations of this process; by default one a core. */
  readonly maxProcesses?: number | undefined;
  /**
   * The memory in MB that all evaluations of this process may use together; by default half of what is free when the first is made
   * ready, or of this process's own limit. What does not fit waits, in order.
   */
  readonly totalMemoryMb?: number | undefined;
}

/** What a run is resumed with: as it was begun, but for its id. */
export interface ResumeOptions extends Omit<TrainerOptions, 'runId'> {
  /** Goes on also where the number of epochs, the trainer's settings or a callback's are not what they were; `false` by default. */
  readonly allowChanged?: boolean | undefined;
}

/** The options with their defaults in. */
export interface TrainerSettings {
  readonly name: string;
  readonly epochs: number;
  readonly journal: string | false;
  readonly runId: string;
  readonly clock: Clock;
  readonly drain: Drain;
  readonly maxProcesses?: number | undefined;
  readonly totalMemoryMb?: number | undefined;
  /** The run's own folder, absolute; `undefined` without a journal. */
  readonly runFolder: string | undefined;
  /** A resumed run may be made otherwise than it was. */
  readonly allowChanged: boolean;
}

const clockMethods = ['now', 'wallNow', 'setTimeout'] as const;

const trainerSchema = z.strictObject({
  name: z.string().trim().min(1).describe('a string that is not empty, to tell the run from others'),
  epochs: z.int().positive().describe('a whole number of epochs, from 1 on'),
  journal: z
    .union([z.string().trim().min(1), z.literal(false)])
    .describe('the folder of the journals, or false to keep none')
    .default('.pitwall'),
  runId: z
    .string()
    .regex(runIdPattern)
    .describe('up to 128 letters, digits, ".", "_" and "-" that can name a folder: no path, no dot at either end')
    .optional(),
  clock: z
    .custom<Clock>((value) => clockMethods.every((method) => typeof (value as Clock | null)?.[method] === 'function'))
    .describe(`a clock with ${clockMethods.join(', ')}`)
    .default(systemClock),
  drain: z.enum(['wait', 'cancel']).default('wait'),
  maxProcesses: z.int().positive().describe('a whole number of processes, from 1 on').optional(),
  totalMemoryMb: z.number().positive().describe('a number above 0 (MB of 2^20 bytes)').optional(),
});

/** @throws {ConfigurationError} with one sentence about the first mistake. */
export function parseTrainerOptions(options: TrainerOptions): TrainerSettings {
  const { runId: givenRunId, ...settings } = parseOptions(trainerSchema, options, 'new Trainer()');
  const runId = givenRunId ?? createRunId(settings.clock.wallNow());
  return {
    ...settings,
    runId,
    runFolder: settings.journal === false ? undefined : resolve(settings.journal, runId),
    allowChanged: false,
  };
}

const resumeSchema = z.strictObject({
  ...trainerSchema.omit({ runId: true }).shape,
  journal: z.string().trim().min(1).describe('the folder of the journals').default('.pitwall'),
  allowChanged: z.boolean().describe('true or false').default(false),
});

/** Those of a resumed run, whose id is looked for. @throws {ConfigurationError} with one sentence about the first mistake. */
export function parseResumeOptions(options: ResumeOptions): Omit<TrainerSettings, 'runId' | 'runFolder'> & {
  readonly journal: string;
} {
  return parseOptions(resumeSchema, options, 'Trainer.resume()');
}

/** What `run:start` tells of them: what was left to its default only where that is the same on every machine. */
export function toldSettings({
  journal,
  drain,
  maxProcesses,
  totalMemoryMb,
}: TrainerSettings): Readonly<Record<string, unknown>> {
  return {
    journal,
    drain,
    ...(maxProcesses !== undefined && { maxProcesses }),
    ...(totalMemoryMb !== undefined && { totalMemoryMb }),
  };
}
