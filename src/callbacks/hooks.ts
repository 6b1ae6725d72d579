import { Observable } from 'rxjs';
import { ConfigurationError, nearMatch, told } from '../errors/index.ts';
import type { EventOf } from '../events/index.ts';
import { withoutSteps } from '../operators/index.ts';
import type { Callback } from './callback.ts';
import { assertCallbackName, callbackOptions, type CallbackOptions } from './define-callback.ts';
import { HookCalls, type HookContext, type HookMethod } from './hook-calls.ts';

/** What each hook is called for. */
export const hookEvents = {
  onRunStart: 'run:start',
  onEpochStart: 'epoch:start',
  onStep: 'step',
  onEpochEnd: 'epoch:end',
  onEvaluationEnd: 'evaluation:end',
  onViolation: 'sla:violation',
  onBreakerChange: 'breaker:transition',
  onRunEnd: 'run:end',
  onRunResume: 'run:resume',
} as const;

export type HookName = keyof typeof hookEvents;

/** A method that is called with one kind of event; it may be async. What it returns is ignored. */
export type Hook<Name extends HookName, M = Record<string, unknown>> = (
  event: EventOf<(typeof hookEvents)[Name]>,
  context: HookContext<M>,
) => unknown;

/** The methods of {@link hooks}, each optional. */
export type Hooks<M = Record<string, unknown>> = { readonly [Name in HookName]?: Hook<Name, M> | undefined };

/** A callback as a plain object: a name and its methods. `trainer.register` takes it as it is. */
export type NamedHooks<M = Record<string, unknown>> = Hooks<M> & CallbackOptions & { readonly name: string };

/**
 * Makes a callback of methods. A hook may be async: one call at a time, up to 64 wait and then `dropped` tells how many were
 * lost; each call has 30 s, then its `signal` aborts and the next is called. The run ends only when the calls have ended.
 *
 * A hook that throws, rejects or takes too long loses that call, told as `callback:error`; its later calls go on.
 *
 * @throws {ConfigurationError} without a name, without a hook, and for the name of a hook or an option that does not exist.
 * @example
 * hooks('printer', {
 *   onEpochEnd: ({ epoch, metrics }) => console.log(epoch, metrics),
 *   onRunEnd: async ({ status }, { signal }) => void (await fetch(url, { method: 'POST', body: status, signal })),
 * });
 */
export function hooks<M = Record<string, unknown>>(
  name: string,
  methods: Hooks<M> & CallbackOptions,
  options: CallbackOptions = {},
): Callback<M> {
  assertCallbackName(name);
  assertHooks(name, methods);
  const { critical = methods.critical } = callbackOptions(options, name);
  return {
    name,
    critical,
    connect: (run, desk) =>
      new Observable(() => {
        const calls = new HookCalls<M>({ name, owner: methods, methods: methodsByEvent(methods), run, desk });
        const events$ = methods.onStep === undefined ? run.events$.pipe(withoutSteps()) : run.events$;
        const subscription = events$.subscribe(calls);
        return () => {
          subscription.unsubscribe();
          calls.close();
        };
      }),
  };
}

function methodsByEvent<M>(methods: Hooks<M>): Map<string, HookMethod<M>> {
  const byEvent = new Map<string, HookMethod<M>>();
  for (const [hookName, type] of Object.entries(hookEvents) as [HookName, string][]) {
    const method = methods[hookName] as HookMethod<M> | undefined;
    if (method !== undefined) byEvent.set(type, method);
  }
  return byEvent;
}

const hookNames = Object.keys(hookEvents) as HookName[];

function assertHooks(name: string, methods: unknown): void {
  if (typeof methods !== 'object' || methods === null)
    throw new ConfigurationError(`The hooks of "${name}" must be an object of methods, but ${told(methods)} came.`);
  const plain = [Object.prototype, null].includes(Object.getPrototypeOf(methods) as object | null);
  const unknown = namesIn(methods).find(
    (key) => !isKnown(key) && (plain || (/^on[A-Z]/.test(key) && typeof Reflect.get(methods, key) === 'function')),
  );
  if (unknown !== undefined) {
    const near = nearMatch(unknown, hookNames);
    throw new ConfigurationError(
      `The callback "${name}" has an unknown hook "${unknown}": ` +
        (near === undefined ? `the hooks are ${hookNames.join(', ')}` : `did you mean "${near}"?`),
    );
  }
  const given = hookNames.filter((hookName) => Reflect.get(methods, hookName) !== undefined);
  if (given.length === 0)
    throw new ConfigurationError(`The callback "${name}" must have at least one hook: ${hookNames.join(', ')}.`);
  for (const hookName of given) {
    const method: unknown = Reflect.get(methods, hookName);
    if (typeof method !== 'function')
      throw new ConfigurationError(`${hookName} of "${name}" must be a function, but ${told(method)} came.`);
  }
}

function isKnown(key: string): boolean {
  return key === 'name' || key === 'critical' || (hookNames as string[]).includes(key);
}

/** The object's own names, and of a class's instance those of its methods. */
function namesIn(methods: object): string[] {
  const prototype = Object.getPrototypeOf(methods) as object | null;
  const inherited = prototype === null || prototype === Object.prototype ? [] : Object.getOwnPropertyNames(prototype);
  return [...Object.keys(methods), ...inherited];
}
