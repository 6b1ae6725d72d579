import { opponentOf, type Game, type GameResult, type Side } from './game.ts';
import {
  handOf,
  originOf,
  pieces,
  pseudoMoves,
  squareCount,
  squareName,
  squareOf,
  turned,
  type DobutsuMove,
} from './dobutsu-moves.ts';

/** A position of dobutsu shogi, seen from the side that is to move. */
export interface DobutsuState {
  /**
   * 18 small numbers. 0 to 11 are the squares, row by row from the mover's far left: 0 is empty, above 0 the mover's own
   * piece, below 0 the opponent's (1 chick, 2 elephant, 3 giraffe, 4 lion, 5 hen). 12 to 14 count the chicks, elephants and
   * giraffes in the mover's hand, 15 to 17 those in the opponent's.
   */
  readonly board: Int8Array;
  /** Moves made so far: the first side moves at even ones. */
  readonly ply: number;
}

/** A game that has not ended after this many moves is a draw. */
export const dobutsuMaxPlies = 150;

/**
 * Dobutsu shogi: shogi on 3 by 4 squares, with a lion, a giraffe, an elephant and a chick a side.
 *
 * There is no rule about check: who captures the lion wins, and so does who brings the own lion to the far rank and is not
 * captured by the very next move (the try). A chick that moves to the far rank becomes a hen; captured, a hen is a chick in
 * hand. Pieces in hand are dropped on any empty square. Repetition is not counted: 150 moves are a draw.
 */
export const dobutsu: Game<DobutsuState, DobutsuMove> = {
  name: 'dobutsu',

  initial: () => ({
    board: Int8Array.of(-3, -4, -2, 0, -1, 0, 0, 1, 0, 2, 4, 3, 0, 0, 0, 0, 0, 0),
    ply: 0,
  }),

  turn,

  legalMoves: (state) => (decided(state) === undefined ? pseudoMoves(state.board) : []),

  play: ({ board, ply }, move) => ({ board: turned(moved(board, move)), ply: ply + 1 }),

  result: (state) =>
    decided(state) ??
    (pseudoMoves(state.board).length === 0 ? { winner: opponentOf(turn(state)), ending: 'no moves' } : undefined),

  notation: (state, move) => {
    const secondSide = turn(state) === 'second';
    const to = squareName(squareOf(move), secondSide);
    const from = originOf(move);
    if (from === undefined) return `${letterOf(handOf(move))}*${to}`;
    const piece = state.board[from];
    const capture = state.board[squareOf(move)] === 0 ? '-' : 'x';
    const promotion = piece === 1 && squareOf(move) < 3 ? '+' : '';
    return `${letterOf(piece)}${squareName(from, secondSide)}${capture}${to}${promotion}`;
  },
};

/** The mover's pieces less the opponent's, hands included: a lion outweighs all the rest. */
export function dobutsuMaterial({ board }: DobutsuState): number {
  let sum = 0;
  for (let square = 0; square < squareCount; square++) {
    const piece = board[square] ?? 0;
    sum += Math.sign(piece) * (pieces[Math.abs(piece)]?.worth ?? 0);
  }
  for (let kind = 1; kind <= 3; kind++) {
    sum += (pieces[kind]?.worth ?? 0) * ((board[11 + kind] ?? 0) - (board[14 + kind] ?? 0));
  }
  return sum;
}

function turn({ ply }: DobutsuState): Side {
  return ply % 2 === 0 ? 'first' : 'second';
}

function letterOf(piece: number | undefined): string {
  return pieces[piece ?? 0]?.letter ?? '?';
}

/** What needs no look at the moves. A lion of the mover's on the far rank was not captured by the reply: the try. */
function decided(state: DobutsuState): GameResult | undefined {
  const lion = state.board.indexOf(4);
  if (lion === -1 || lion >= squareCount) return { winner: opponentOf(turn(state)), ending: 'lion captured' };
  if (lion < 3) return { winner: turn(state), ending: 'try' };
  return state.ply >= dobutsuMaxPlies ? { winner: null, ending: 'max plies' } : undefined;
}

/** The board after the move, still from the mover's side. */
function moved(before: Int8Array, move: DobutsuMove): Int8Array {
  const board = before.slice();
  const to = squareOf(move);
  const from = originOf(move);
  if (from === undefined) {
    const kind = handOf(move) ?? 0;
    board[11 + kind] = (board[11 + kind] ?? 0) - 1;
    board[to] = kind;
    return board;
  }
  const captured = -(board[to] ?? 0);
  if (captured > 0 && captured !== 4) {
    const kind = captured === 5 ? 1 : captured;
    board[11 + kind] = (board[11 + kind] ?? 0) + 1;
  }
  const piece = board[from] ?? 0;
  board[from] = 0;
  board[to] = piece === 1 && to < 3 ? 5 : piece;
  return board;
}
