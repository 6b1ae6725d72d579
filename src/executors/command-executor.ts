import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigurationError, parseOptions, reasonOf, told } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { readCommandPartial, readCommandResult } from './command-answer.ts';
import { packCommand, type PackedCommand } from './command-input.ts';
import { parseCommand } from './command-template.ts';
import { environmentSchema, ownVariables } from './environment.ts';
import type { Executor } from './executor.ts';
import { concurrencySchema } from './process-executor.ts';
import { withStandIn } from './stand-in.ts';
import { supervisedExecutor } from './supervised-executor.ts';

const optionsSchema = z.strictObject({
  concurrency: concurrencySchema.optional(),
  env: environmentSchema.optional(),
  cwd: z.string().min(1).describe('the path of a folder').optional(),
});

const what = 'The options of commandExecutor';

/** Options of {@link commandExecutor}. */
export type CommandExecutorOptions = Readonly<z.input<typeof optionsSchema>>;

/**
 * Runs any program as the evaluation, in the supervisor's hands like an evaluator of {@link processExecutor}: the same limits, the
 * same end of its whole process tree.
 *
 * In its arguments `{input}` becomes the path of the input as a JSON file, `{input.FIELD}` a field's text (of a typed array the path
 * of its `.npy` file), `{output}` the path where it may write its result as JSON; `{{name}}` is the text `{name}`. A typed array
 * stands in JSON as `{"$npy": path}`, in both directions. Its result is the file `{output}`, or else the last line of its stdout
 * that is JSON; it ends with exit code 0. On the descriptor that `PITWALL_FD` names it may tell items, progress and partial results, a
 * JSON line each; an abort is SIGTERM, and the kill after `graceMs`.
 *
 * @param command the program and its arguments
 * @param options `concurrency`: how many run at once (default: the number of cores); `env`: environment variables, beside those that
 * this process had when its supervisor started; `cwd`: where it runs (default: this process's)
 * @throws {ConfigurationError} for an unknown placeholder, a folder that is not there, unknown or wrong options, and variables in `env`
 * that Pitwall sets itself.
 *
 * @example
 * const python = commandExecutor(['python3', 'evaluate.py', '{input}', '{output}'], { cwd: import.meta.dirname });
 * const result = await firstValueFrom(python(createJob({ input: { epoch: 3, weights } })));
 */
export function commandExecutor<I = unknown, O = unknown>(
  command: readonly string[],
  options: CommandExecutorOptions = {},
): Executor<I, O> {
  const template = parseCommand(command);
  const parsed = parseOptions(optionsSchema, options, what);
  const { concurrency = availableParallelism(), cwd = '.' } = parsed;
  const env = ownVariables(parsed.env ?? {}, what);
  const folder = folderAt(cwd);
  const executor = supervisedExecutor<I, O, PackedCommand>(
    {
      pack: ({ input, name }) => {
        try {
          return packCommand(template, input, name);
        } catch (error) {
          return { error: error instanceof EvaluationError ? error : unreadable(name, error) };
        }
      },
      program: (evaluationFolder, input) => ({ kind: 'command', argv: input.argv(evaluationFolder), cwd: folder }),
      env,
      readResult: readCommandResult,
      readPartial: readCommandPartial,
    },
    concurrency,
  );
  return withStandIn(executor, { kind: 'command', with: (other) => commandExecutor(other, options) });
}

/** What throws when it is looked at. */
function unreadable(name: string, cause: unknown): EvaluationError {
  const message = `The input of "${name}" must be plain data, but it cannot be read: ${reasonOf(cause)}`;
  return new EvaluationError('rejected', 'INPUT_NOT_CLONEABLE', message, { cause });
}

function folderAt(cwd: string): string {
  const [path, why] = foundAt(cwd);
  if (why === undefined) return path;
  throw new ConfigurationError(
    `${what}: "cwd" must be the path of a folder that is there, but ${told(cwd)} came, which ${why}: make the folder, or name another.`,
  );
}

/** The path, and why it is no folder. */
function foundAt(cwd: string): readonly [path: string, why?: string] {
  if (cwd.includes('\0')) return [cwd, 'has a NUL character'];
  let path = cwd;
  try {
    path = resolve(cwd);
    return statSync(path).isDirectory() ? [path] : [path, 'is no folder'];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [
      path,
      code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be looked at (${reasonOf(error)})`,
    ];
  }
}
