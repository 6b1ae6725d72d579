import { newBoard } from '../board.ts';
import type { Circumstances } from '../measurement.ts';

export type HostileWay =
  | 'spins'
  | 'ignores its signal'
  | 'eats memory'
  | 'eats memory in a thread'
  | 'eats memory in a grandchild'
  | 'leaves a child'
  | 'leaves a child in its own session'
  | 'holds memory, with children';

/** What `evaluators/hostile.mjs` takes. */
export interface HostileInput {
  readonly way: HostileWay;
  /** The path of a board. */
  readonly board: string;
  /** Stands in the command line of whatever it leaves behind. */
  readonly token: string;
  /** What it holds, where that is its way. */
  readonly mb: number;
  /** Whether it may change how its process takes signals. */
  readonly isOwnProcess: boolean;
}

/** An evaluation that will misbehave in this way, with a board of its own. */
export function hostileInput(way: HostileWay, { folder, token }: Circumstances, mb = 0): HostileInput {
  return { way, board: newBoard(folder), token, mb, isOwnProcess: true };
}

/** The URL of one of the evaluators beside this file. */
export function evaluator(name: string): URL {
  return new URL(`./evaluators/${name}.mjs`, import.meta.url);
}
