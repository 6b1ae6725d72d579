import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { filesOf, readPackedFile, tellingFd } from '../wire/index.ts';
import { environmentSchema, ownVariables } from './environment.ts';
import type { Executor } from './executor.ts';
import { packed } from './packed-input.ts';
import { evaluatorUrl, inheritedNodeArgs, presentModule, siblingEntry } from './sibling-url.ts';
import type { Answer } from './supervised-execution.ts';
import { withStandIn } from './stand-in.ts';
import { supervisedExecutor } from './supervised-executor.ts';

/** How many executions run at once, as an option. */
export const concurrencySchema = z.int().positive().describe('a whole number from 1 on: how many run at once');

const optionsSchema = z.strictObject({
  concurrency: concurrencySchema.optional(),
  nodeArgs: z
    .array(
      z
        .string()
        .regex(/^[^\0]+$/)
        .describe('an argument for Node, text that is not empty and has no NUL'),
    )
    .optional()
    .describe('an array of arguments for Node: ["--expose-gc"]'),
  env: environmentSchema.optional(),
  warm: z.boolean().optional().describe('true or false: whether a loaded evaluator is kept for the next evaluation'),
  recycleAfter: z
    .int()
    .positive()
    .optional()
    .describe('a whole number from 1 on: how many evaluations a warm evaluator serves'),
});

/** Options of {@link processExecutor}. */
export type ProcessExecutorOptions = Readonly<z.input<typeof optionsSchema>>;

/**
 * Runs an evaluator's module in a process of its own, under the supervisor: a limit is held there while it runs, however busy this
 * process is, and the whole process tree is ended with it.
 *
 * With `warm`, a process that has answered is kept, stopped, for the next evaluation: it starts within a few milliseconds, and finds
 * the module as the one before has left it. What the evaluation has started is ended all the same; after a violation, a failure or
 * a cancellation the process is ended too; where there is room, and nothing waits, another is loaded in its place.
 *
 * @param url the evaluator's module, a `file:` URL
 * @param options `concurrency`: how many run at once (default: the number of cores); `nodeArgs`: arguments for the evaluator's Node,
 * beside those of this process, but for its debuggers, its profilers and the size of its heap; `env`: environment variables, beside
 * those that this process had when its supervisor started; `warm` (default: false); `recycleAfter`: how many evaluations a warm
 * evaluator serves before it is replaced (default: 100), refused where nothing is said of `warm`
 * @throws {ConfigurationError} for a URL that is not `file:`, for unknown or wrong options, and for variables in `env` that Pitwall
 * sets itself.
 *
 * @example
 * const executor = processExecutor(new URL('./evaluate.js', import.meta.url), { concurrency: 2, warm: true });
 * const result = await firstValueFrom(executor(createJob({ input: { epoch: 3 } })).pipe(timeout(10_000)));
 */
export function processExecutor<I = unknown, O = unknown>(
  url: URL | string,
  options: ProcessExecutorOptions = {},
): Executor<I, O> {
  const module = evaluatorUrl(url);
  const what = 'The options of processExecutor';
  const parsed = parseOptions(optionsSchema, options, what);
  const { concurrency = availableParallelism(), nodeArgs = [], warm = false, recycleAfter = 100 } = parsed;
  if (parsed.recycleAfter !== undefined && parsed.warm === undefined)
    throw new ConfigurationError(
      `${what}: "recycleAfter" must stand beside "warm", but only ${recycleAfter} came: add warm: true, or leave it out, because each evaluation has a new process then.`,
    );
  const env = ownVariables(parsed.env ?? {}, what);
  const executor: Executor<I, O> = supervisedExecutor(
    {
      pack: ({ input, name }) => packed(input, name),
      program: () => ({
        kind: 'evaluator',
        module: presentModule(module).href,
        entry: fileURLToPath(siblingEntry('../evaluator/entry', import.meta.url)),
        nodeArgs: [...inheritedNodeArgs(), ...nodeArgs],
      }),
      env,
      ...(warm && { warm: { keep: concurrency, recycleAfter } }),
      readResult,
      readPartial: ({ folder, maxResultMb }) =>
        readPackedFile(filesOf(folder).partial, { maxBytes: maxResultMb * 2 ** 20 }),
    },
    concurrency,
  );
  // Never warm: what stands in is not there for long.
  const { concurrency: slots, nodeArgs: args, env: variables } = options;
  const alike = { concurrency: slots, nodeArgs: args, env: variables };
  return withStandIn(executor, { kind: 'process', with: (other) => processExecutor(other, alike) });
}

/** There was room for it in its folder, or it lies in the other one. */
async function readResult({ folder, spillFolder, maxResultMb, name }: Answer): Promise<unknown> {
  const folders = spillFolder === undefined ? [folder] : [folder, spillFolder];
  for (const each of folders) {
    try {
      return await readPackedFile(filesOf(each).result, { maxBytes: maxResultMb * 2 ** 20 });
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  const message = `The result of "${name}" could not be read: its process said that it had answered, but there is no result. Leave descriptor ${tellingFd} and the evaluation's folder to Pitwall.`;
  throw new EvaluationError('rejected', 'RESULT_NOT_READABLE', message);
}

/** It is not there, or what should be a folder above it is none. */
function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
