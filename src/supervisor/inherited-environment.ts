import { nodeOptionsVariable } from '../wire/index.ts';

/** The host's environment as its evaluators inherit it: with the `NODE_OPTIONS` that were not for the supervisor. */
export function inheritedEnvironment(own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { [nodeOptionsVariable]: nodeOptions, ...rest } = own;
  return nodeOptions === undefined ? rest : { ...rest, NODE_OPTIONS: nodeOptions };
}
