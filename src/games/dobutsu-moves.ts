/** A move of dobutsu shogi: where from (0 to 11 a square, 12 to 14 a kind in hand) times 12, plus where to. */
export type DobutsuMove = number;

/** The squares of the board: 3 wide, 4 high. */
export const squareCount = 12;

interface Piece {
  readonly letter: string;
  /** What a point of material is counted for. */
  readonly worth: number;
  /** Where it moves, as [columns to the right, rows ahead], in the order of the moves. */
  readonly steps: readonly (readonly [number, number])[];
}

const ahead = [[0, 1]] as const;
const diagonal = [[-1, 1], [1, 1], [-1, -1], [1, -1]] as const; // prettier-ignore
const straight = [[0, 1], [-1, 0], [1, 0], [0, -1]] as const; // prettier-ignore
const allButBackCorners = [[0, 1], [-1, 1], [1, 1], [-1, 0], [1, 0], [0, -1]] as const; // prettier-ignore

/** The pieces by their number on the board. */
export const pieces: Readonly<Record<number, Piece>> = {
  1: { letter: 'C', worth: 1, steps: ahead },
  2: { letter: 'E', worth: 3, steps: diagonal },
  3: { letter: 'G', worth: 3, steps: straight },
  4: { letter: 'L', worth: 100, steps: [...straight, ...diagonal] },
  5: { letter: 'H', worth: 4, steps: allButBackCorners },
};

/** The squares that each piece reaches from each square of an empty board, worked out once. */
const reachable: readonly (readonly (readonly number[])[])[] = [0, 1, 2, 3, 4, 5].map((piece) =>
  Array.from({ length: squareCount }, (_, from) => {
    const [column, row] = [from % 3, Math.floor(from / 3)];
    return (pieces[piece]?.steps ?? [])
      .map(([right, forward]) => [column + right, row - forward] as const)
      .filter(([x, y]) => x >= 0 && x < 3 && y >= 0 && y < 4)
      .map(([x, y]) => y * 3 + x);
  }),
);

/** Every move of the pieces on the board and in hand, whether or not the game has ended. */
export function pseudoMoves(board: Int8Array): DobutsuMove[] {
  const moves: DobutsuMove[] = [];
  for (let from = 0; from < squareCount; from++) {
    const piece = board[from] ?? 0;
    if (piece <= 0) continue;
    for (const to of reachable[piece]?.[from] ?? []) {
      if ((board[to] ?? 0) <= 0) moves.push(from * squareCount + to);
    }
  }
  for (let origin = squareCount; origin < squareCount + 3; origin++) {
    if ((board[origin] ?? 0) === 0) continue;
    for (let to = 0; to < squareCount; to++) {
      if (board[to] === 0) moves.push(origin * squareCount + to);
    }
  }
  return moves;
}

/** The square that the move goes to. */
export function squareOf(move: DobutsuMove): number {
  return move % squareCount;
}

/** The square that the move comes from, or `undefined` for a drop. */
export function originOf(move: DobutsuMove): number | undefined {
  const origin = Math.floor(move / squareCount);
  return origin < squareCount ? origin : undefined;
}

/** The kind (1 chick, 2 elephant, 3 giraffe) that is dropped, or `undefined` for a move on the board. */
export function handOf(move: DobutsuMove): number | undefined {
  const origin = Math.floor(move / squareCount);
  return origin < squareCount ? undefined : origin - squareCount + 1;
}

/** The same position from the other side: rotated by half a turn, signs changed, hands exchanged. */
export function turned(board: Int8Array): Int8Array {
  const other = new Int8Array(board.length);
  for (let square = 0; square < squareCount; square++) other[11 - square] = -(board[square] ?? 0);
  for (let kind = 0; kind < 3; kind++) {
    other[12 + kind] = board[15 + kind] ?? 0;
    other[15 + kind] = board[12 + kind] ?? 0;
  }
  return other;
}

/** `b4`: columns a to c and rows 1 to 4 as the first side sees them, its own home at row 4. */
export function squareName(square: number, ofSecondSide: boolean): string {
  const absolute = ofSecondSide ? 11 - square : square;
  return `${'abc'[absolute % 3] ?? '?'}${Math.floor(absolute / 3) + 1}`;
}
