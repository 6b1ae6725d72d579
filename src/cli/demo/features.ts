import type { DobutsuState } from '../../games/index.ts';

/** The yes-or-no questions that the network is asked of a position: 12 squares by 10 pieces, 6 hand counts by 2. */
export const featureCount = 132;

/** A position has at most 8 pieces, on the board or in hand, so that few features are ever true. */
const mostFeatures = 16;

/** The true features of one position: the first `count` of `indices`. */
export interface Features {
  readonly indices: Uint8Array;
  count: number;
}

export function createFeatures(): Features {
  return { indices: new Uint8Array(mostFeatures), count: 0 };
}

/** Writes the features of a position, seen from the side that is to move, over those of the one before. */
export function writeFeatures({ board }: DobutsuState, into: Features): void {
  let count = 0;
  for (let square = 0; square < 12; square++) {
    const piece = board[square] ?? 0;
    if (piece > 0) into.indices[count++] = square * 10 + piece - 1;
    else if (piece < 0) into.indices[count++] = square * 10 + 4 - piece;
  }
  for (let hand = 0; hand < 6; hand++) {
    const held = board[12 + hand] ?? 0;
    if (held >= 1) into.indices[count++] = 120 + hand * 2;
    if (held >= 2) into.indices[count++] = 121 + hand * 2;
  }
  into.count = count;
}
