import { setImmediate } from 'node:timers/promises';
import type { EvaluatorContext } from '../../evaluator/index.ts';
import { createRng, dobutsu, playGame, type DobutsuMove, type DobutsuState, type Player } from '../../games/index.ts';

/** The score of a series of games, from one player's side. */
export interface Score {
  /** From 0 to 1; a draw counts half. */
  readonly winRate: number;
  /** Of `winRate`: the true one lies within two of them in 19 of 20 series. */
  readonly standardError: number;
  readonly wins: number;
  readonly draws: number;
  readonly losses: number;
  readonly games: number;
}

type DobutsuPlayer = Player<DobutsuState, DobutsuMove>;

export interface SeriesOptions {
  readonly games: number;
  /** What its games are called: `game 12`, or `1-ply game 12`. */
  readonly label?: string;
  readonly seed: number;
  readonly item: EvaluatorContext['item'];
  readonly signal: AbortSignal;
  /** Told now and then how it stands. */
  readonly told: (score: Score) => void;
}

/** Between two looks at the world: a game is far shorter than a turn of the event loop is worth. */
const gamesBetweenBreaths = 20;

/**
 * Plays games of dobutsu, each an item of the evaluation, the two players beginning in turn.
 *
 * @returns the score of `player`
 * @throws the signal's reason when it aborts.
 */
export async function playSeries(
  player: DobutsuPlayer,
  opponent: DobutsuPlayer,
  { games, label = 'game', seed, item, signal, told }: SeriesOptions,
): Promise<Score> {
  const rng = createRng(seed);
  const tally = { wins: 0, draws: 0, losses: 0 };
  for (let game = 1; game <= games; game++) {
    const side = game % 2 === 1 ? 'first' : 'second';
    const [first, second] = side === 'first' ? [player, opponent] : [opponent, player];
    const { winner } = await item(`${label} ${game}`, () => playGame(dobutsu, first, second, { rng, signal }));
    tally[winner === null ? 'draws' : winner === side ? 'wins' : 'losses']++;
    if (game % gamesBetweenBreaths === 0) {
      told(scoreOf(tally));
      await setImmediate();
    }
  }
  return scoreOf(tally);
}

/** @param tally at least one game */
export function scoreOf({ wins, draws, losses }: Pick<Score, 'wins' | 'draws' | 'losses'>): Score {
  const games = wins + draws + losses;
  const winRate = (wins + draws / 2) / games;
  const variance = (wins + draws / 4) / games - winRate ** 2;
  return { winRate, standardError: Math.sqrt(Math.max(0, variance) / games), wins, draws, losses, games };
}
