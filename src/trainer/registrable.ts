import { assertCallbackName, hooks, type Callback, type NamedHooks } from '../callbacks/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';

/** What `trainer.register` takes: a callback, or a plain object of hooks with a name. */
export type Registrable<M> = Callback<M> | Callback | NamedHooks<M>;

/**
 * Gives a callback for whatever may be registered.
 *
 * @throws {ConfigurationError} without a name, and for an object that is neither callback nor hooks.
 */
export function callbackOf<M>(registrable: Registrable<M>): Callback<M> {
  if (typeof registrable !== 'object' || (registrable as unknown) === null)
    throw new ConfigurationError(
      `trainer.register(…) must get a callback or an object of hooks with a name, but ${told(registrable)} came.`,
    );
  assertCallbackName(registrable.name);
  if ('connect' in registrable && typeof registrable.connect === 'function') return registrable;
  return hooks(registrable.name, registrable as NamedHooks<M>);
}
