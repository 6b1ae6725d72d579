export { dobutsu, dobutsuMaterial, dobutsuMaxPlies, type DobutsuState } from './dobutsu.ts';
export type { DobutsuMove } from './dobutsu-moves.ts';
export { opponentOf, type Game, type GameResult, type Side } from './game.ts';
export { minimaxPlayer, type MinimaxOptions } from './minimax-player.ts';
export { playGame, type PlayedGame, type PlayGameOptions } from './play-game.ts';
export type { Choice, Player } from './player.ts';
export { randomPlayer } from './random-player.ts';
export { createRng, type Rng } from './rng.ts';
