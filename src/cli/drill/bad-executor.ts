import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inlineExecutor, standInOf, type Executor } from '../../executors/index.ts';
import { badCommand } from './bad-command.ts';
import type { Fault } from './fault.ts';

const extension = extname(fileURLToPath(import.meta.url));
const module = new URL(`./bad-evaluator${extension}`, import.meta.url);
const neverLoads = new URL(`./never-loads${extension}`, import.meta.url);

/** How an evaluation is run; `own` is a function of the user's, of which nothing is known. */
export type Kind = 'process' | 'thread' | 'command' | 'inline' | 'own';

export function kindOf(executor: Executor): Kind {
  return standInOf(executor)?.kind ?? 'own';
}

/** An executor of the same kind and with the same options, that runs a bad evaluator. In the place of a user's own stands an inline one. */
export function badExecutor(executor: Executor, fault: Fault): Executor {
  const standIn = standInOf(executor);
  switch (standIn?.kind) {
    case 'process':
    case 'thread':
      return standIn.with(fault.does === 'never load' ? neverLoads : module);
    case 'command':
      return standIn.with(badCommand(fault));
    case 'inline':
      return standIn.with(badFunction(fault));
    case undefined:
      return inlineExecutor(badFunction(fault));
  }
}

/** Blocks nothing: it runs on this thread, and what it never does is to settle. */
function badFunction(fault: Fault): Parameters<typeof inlineExecutor<unknown, unknown>>[0] {
  return (_, { item }) => {
    if (fault.does === 'fail') throw new Error('the drill has it fail');
    const never = new Promise<never>(() => undefined);
    return fault.does === 'never end an item' ? item('an item that never ends', () => never) : never;
  };
}
