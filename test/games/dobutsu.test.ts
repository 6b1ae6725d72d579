import { describe, expect, it } from 'vitest';
import { dobutsu, dobutsuMaterial, dobutsuMaxPlies, type DobutsuState } from '../../src/games/index.ts';

/** Draws a position from the mover's side: upper case is the mover's, lower case the opponent's. */
function position(rows: readonly string[], { hand = '', ply = 0 }: { hand?: string; ply?: number } = {}): DobutsuState {
  const board = new Int8Array(18);
  const codes = '.CEGLH';
  Array.from(rows.join('')).forEach((letter, square) => {
    const piece = codes.indexOf(letter.toUpperCase());
    board[square] = letter === letter.toUpperCase() ? piece : -piece;
  });
  for (const letter of hand) {
    const kind = codes.indexOf(letter.toUpperCase());
    const slot = (letter === letter.toUpperCase() ? 11 : 14) + kind;
    board[slot] = (board[slot] ?? 0) + 1;
  }
  return { board, ply };
}

function notations(state: DobutsuState): string[] {
  return dobutsu.legalMoves(state).map((move) => dobutsu.notation(state, move));
}

function play(state: DobutsuState, notation: string): DobutsuState {
  const move = dobutsu.legalMoves(state).find((each) => dobutsu.notation(state, each) === notation);
  if (move === undefined) throw new Error(`${notation} is not among ${notations(state).join(' ')}`);
  return dobutsu.play(state, move);
}

function perft(state: DobutsuState, depth: number): number {
  if (depth === 0) return 1;
  return dobutsu.legalMoves(state).reduce((sum, move) => sum + perft(dobutsu.play(state, move), depth - 1), 0);
}

describe('the moves of dobutsu', () => {
  it.each([
    [1, 4],
    [2, 17],
    [3, 123],
    [4, 976],
    [5, 8122],
  ])('number, %i deep from the start, %i', (depth, count) => {
    expect(perft(dobutsu.initial(), depth)).toBe(count);
  });

  it('begin with these four', () => {
    expect(notations(dobutsu.initial()).sort()).toEqual(['Cb3xb2', 'Gc4-c3', 'Lb4-a3', 'Lb4-c3']);
  });

  it.each([
    ['C', ['b1']],
    ['E', ['a1', 'c1', 'a3', 'c3']],
    ['G', ['b1', 'a2', 'c2', 'b3']],
    ['L', ['b1', 'a2', 'c2', 'b3', 'a1', 'c1', 'a3', 'c3']],
    ['H', ['b1', 'a1', 'c1', 'a2', 'c2', 'b3']],
  ])('take %s to its own squares', (piece, squares) => {
    const state = position(['...', `.${piece}.`, '...', piece === 'L' ? '...' : 'L..']);
    const reached = notations(state).filter((each) => each.startsWith(`${piece}b2`));
    expect(reached.map((each) => each.replace('+', '').slice(-2)).sort()).toEqual([...squares].sort());
  });

  it('drop what is in hand on every empty square, each kind once', () => {
    const state = position(['l..', '...', '...', '..L'], { hand: 'CCG' });
    const drops = notations(state).filter((each) => each.includes('*'));
    expect(drops).toHaveLength(20);
    expect(drops).toContain('C*b1');
    expect(drops).not.toContain('C*a1');
  });

  it('leave the position that they are played from as it was', () => {
    const state = dobutsu.initial();
    const before = [...state.board];
    play(state, 'Cb3xb2');
    expect([...state.board]).toEqual(before);
  });

  it('are none once the game has ended', () => {
    expect(dobutsu.legalMoves(position(['L..', '...', '...', 'l..']))).toEqual([]);
  });
});

describe('a move of dobutsu', () => {
  it('puts what it captures into the hand', () => {
    const after = play(dobutsu.initial(), 'Cb3xb2');
    expect([...after.board.slice(12)]).toEqual([0, 0, 0, 1, 0, 0]); // seen from the other side
    expect(after.ply).toBe(1);
  });

  it('turns the board, so that the second side sees its own home below', () => {
    const state = play(dobutsu.initial(), 'Gc4-c3');
    expect(notations(state).sort()).toEqual(['Cb2xb3', 'Ga1-a2', 'Lb1-a2', 'Lb1-c2']);
  });

  it.each([
    ['C..', 'Ca2-a1+', 11],
    ['.C.', 'Cb2-b1+', 10],
    ['..C', 'Cc2-c1+', 9],
  ])('makes a chick that reaches the far rank a hen: %s, %s', (row, notation, square) => {
    const after = play(position(['...', row, 'l..', '..L']), notation);
    expect(after.board[square]).toBe(-5);
  });

  it('makes it one nowhere else', () => {
    const after = play(position(['...', '...', 'C.l', '..L']), 'Ca3-a2');
    expect(after.board[8]).toBe(-1);
  });

  it('does not promote a chick that is dropped there', () => {
    const after = play(position(['..l', '...', '...', '..L'], { hand: 'C' }), 'C*a1');
    expect(after.board[11]).toBe(-1);
    expect([...after.board.slice(12)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('makes a captured hen a chick in hand', () => {
    const after = play(position(['..l', 'h..', 'G..', '..L']), 'Ga3xa2');
    expect([...after.board.slice(15)]).toEqual([1, 0, 0]);
  });

  it.each(['E', 'G'])('keeps the captured %s what it is', (letter) => {
    const after = play(position(['..l', letter.toLowerCase() + '..', 'G..', '..L']), 'Ga3xa2');
    expect(after.board[14 + (letter === 'E' ? 2 : 3)]).toBe(1);
  });
});

describe('a game of dobutsu', () => {
  it('goes on at the start', () => {
    expect(dobutsu.result(dobutsu.initial())).toBeUndefined();
  });

  it('is won by the capture of the lion', () => {
    const after = play(position(['...', 'l..', 'G..', '..L']), 'Ga3xa2');
    expect(dobutsu.result(after)).toEqual({ winner: 'first', ending: 'lion captured' });
    expect([...after.board.slice(12)]).toEqual([0, 0, 0, 0, 0, 0]); // nobody holds a lion in hand
  });

  it.each([
    ['L..', 'La2-a1'],
    ['.L.', 'Lb2-b1'],
    ['..L', 'Lc2-c1'],
  ])('is won by a lion on the far rank that survives the reply: %s, %s', (row, notation) => {
    const tried = play(position(['...', row, 'l..', '...']), notation);
    expect(dobutsu.result(tried)).toBeUndefined();
    const replied = play(tried, 'La3-b3');
    expect(dobutsu.result(replied)).toEqual({ winner: 'first', ending: 'try' });
  });

  it('is lost by a lion on the far rank that the reply captures', () => {
    const tried = play(position(['...', 'Ll.', '...', '...']), 'La2-a1');
    expect(dobutsu.result(play(tried, 'Lb2xa1'))).toEqual({ winner: 'second', ending: 'lion captured' });
  });

  it('is lost by the side that answers a try with its own', () => {
    const tried = play(position(['...', 'L..', '..l', '...']), 'La2-a1');
    expect(dobutsu.result(play(tried, 'Lc3-c4'))).toEqual({ winner: 'first', ending: 'try' });
  });

  it('is lost by a side that cannot move', () => {
    const state = position(['GE.', 'LGE', 'CC.', '..l']);
    expect(dobutsu.legalMoves(state)).toEqual([]);
    expect(dobutsu.result(state)).toEqual({ winner: 'second', ending: 'no moves' });
  });

  it.each([
    [dobutsuMaxPlies - 1, undefined],
    [dobutsuMaxPlies, { winner: null, ending: 'max plies' }],
  ])('after %i moves is %o', (ply, result) => {
    expect(dobutsu.result(position(['l..', '...', '...', '..L'], { ply }))).toEqual(result);
  });

  it('prefers a win to the limit of moves', () => {
    expect(dobutsu.result(position(['L..', '...', '...', 'l..'], { ply: dobutsuMaxPlies }))?.winner).toBe('first');
  });
});

describe('dobutsuMaterial', () => {
  it('is even at the start', () => {
    expect(dobutsuMaterial(dobutsu.initial())).toBe(0);
  });

  it('counts a capture, and what is in hand', () => {
    expect(dobutsuMaterial(play(dobutsu.initial(), 'Cb3xb2'))).toBe(-2);
  });
});
