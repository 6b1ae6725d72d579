import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Job } from './executor.ts';

const milliseconds = z.number().positive().optional().describe('a number above 0 (milliseconds), or left out');

const sampled = (unit: string) =>
  z
    .strictObject({
      limit: z.number().positive().describe(`a number above 0 (${unit})`),
      action: z.enum(['throttle', 'warn', 'abort']),
      sustainMs: z.number().nonnegative().describe('a number from 0 on (milliseconds)'),
      whenUnmeasured: z.enum(['report', 'abort']),
    })
    .optional()
    .describe('{ limit, action, sustainMs, whenUnmeasured }, or left out');

const limitsSchema = z
  .strictObject({
    evaluationTimeMs: milliseconds,
    startTimeMs: milliseconds,
    itemTimeMs: milliseconds,
    memoryMb: z.number().positive().optional().describe('a number above 0 (MB of 2^20 bytes), or left out'),
    cpuPercent: sampled('percent of one core'),
    gpuUtilizationPercent: sampled('percent of one GPU'),
    gpuMemoryMb: sampled('MB of 2^20 bytes'),
  })
  .describe(
    'an object of limits, { evaluationTimeMs, startTimeMs, itemTimeMs, memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb }',
  );

const functionSchema = z.custom((value) => typeof value === 'function').describe('a function');

const fields = {
  input: z.unknown(),
  id: z.string().min(1).describe('a string that is not empty'),
  name: z.string().describe('a string'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .describe('a whole number from 0 to 2^32 - 1'),
  limits: limitsSchema,
  graceMs: z.number().nonnegative().describe('a number from 0 on (milliseconds)'),
  maxResultMb: z.number().positive().describe('a number above 0 (MB of 2^20 bytes)'),
  logFolder: z.string().min(1).describe('the path of a folder').optional(),
  telemetry: z
    .custom<Job['telemetry']>((value) => typeof (value as { next?: unknown } | null)?.next === 'function')
    .describe('an object with a function "next"'),
};

const optionsSchema = z.strictObject(fields).partial().describe('an object with an input, { input }');
/** An object of somebody's own may hold what is his. */
const handMadeSchema = z.looseObject(fields).partial().describe('an object with an input, { input }');
const jobSchema = z
  .looseObject({ ...fields, abort: functionSchema, onAbort: functionSchema })
  .describe('a job, as createJob makes it');

/**
 * Checks what a job is to be made of.
 *
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function assertJobOptions(options: unknown): void {
  parseOptions(optionsSchema, options, 'A job');
}

/**
 * Checks an object that stands for a job: what it has of a job's fields.
 *
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function assertHandMade(job: unknown): void {
  parseOptions(handMadeSchema, job, 'A job');
}

/**
 * Checks a job that somebody has made whole by hand.
 *
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function assertJob(job: unknown): void {
  parseOptions(jobSchema, job, 'A job');
}
