import { nodeOptionsVariable } from '../wire/index.ts';

/**
 * The environment of a supervisor. What `NODE_OPTIONS` preload would run in it, and is for its evaluators: it hands that variable on.
 *
 * Only where it could not be loaded without it is it left: run from TypeScript, or its packages found by Yarn's Plug'n'Play.
 *
 * @param needsLoader whether what is run is TypeScript
 */
export function supervisorEnvironment(
  needsLoader: boolean,
  { env, versions }: Pick<NodeJS.Process, 'env' | 'versions'> = process,
): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: nodeOptions } = env;
  const isLeft = needsLoader || versions.pnp !== undefined;
  // What is undefined is left out of a process's environment.
  return isLeft
    ? { ...env, [nodeOptionsVariable]: undefined }
    : { ...env, NODE_OPTIONS: undefined, [nodeOptionsVariable]: nodeOptions };
}
