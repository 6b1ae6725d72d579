import type { Observable } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions, told } from '../errors/index.ts';
import type { Callback, Directive, Run } from './callback.ts';

/** What can be asked of every callback. */
export interface CallbackOptions {
  /** Its error fails the run; by default it costs only itself. */
  readonly critical?: boolean | undefined;
}

const optionsSchema = z.strictObject({ critical: z.boolean().describe('true or false').optional() });

/**
 * Makes a callback of a function of the run: it subscribes to what it needs, and may give back an Observable of directives.
 *
 * The function is called once a run, before `run:start` or at a later registration. Its subscriptions end with the run. What
 * it throws, what its Observable errors with and what a subscriber to `run.events$` throws is told as `callback:error`, and
 * the callback is over; the run goes on.
 *
 * @throws {ConfigurationError} without a name or without a function, and for an option that there is not.
 * @example
 * const plateau = defineCallback('plateau', (run) =>
 *   run.events$.pipe(
 *     filter((event) => event.type === 'epoch:end' && event.epoch >= 10),
 *     map(() => stop('ten epochs are enough')),
 *   ),
 * );
 */
export function defineCallback<M = Record<string, unknown>>(
  name: string,
  connect: (run: Run<M>) => Observable<Directive> | void,
  options: CallbackOptions = {},
): Callback<M> {
  assertCallbackName(name);
  if (typeof connect !== 'function')
    throw new ConfigurationError(
      `defineCallback("${name}", …) must get a function of the run as its second argument, but ${told(connect)} came.`,
    );
  const { critical } = callbackOptions(options, name);
  return { name, critical, connect: (run) => connect(run) };
}

/** @throws {ConfigurationError} for a slip, which would make a critical callback one that is not. */
export function callbackOptions(options: CallbackOptions, name: string): CallbackOptions {
  return parseOptions(optionsSchema, options, `The options of the callback "${name}"`);
}

/** @throws {ConfigurationError} unless the name is a string with something in it. */
export function assertCallbackName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name.trim() !== '') return;
  throw new ConfigurationError(
    `A callback must have a name, a string that is not empty, but ${told(name)} came: ` +
      'events, errors and times are told under it.',
  );
}
