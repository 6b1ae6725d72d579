/** Gives the next number of a reproducible sequence, from 0 up to but not including 1. */
export type Rng = () => number;

/**
 * Makes a generator whose sequence is decided by the seed alone, on every machine.
 *
 * The generator is xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021); its state is
 * drawn from the seed by splitmix32. It is for games and tests, not for secrets.
 *
 * @param seed a whole number; only its low 32 bits count
 *
 * @example
 * const rng = createRng(1);
 * const die = 1 + Math.floor(rng() * 6);
 */
export function createRng(seed: number): Rng {
  const next = splitmix32(seed);
  const bits = xoshiro128([next(), next(), next(), next()]);
  return () => bits() / 2 ** 32;
}

/** The bare generator of whole numbers from 0 to 2^32 - 1, for a given state that is not all zero. */
export function xoshiro128([a, b, c, d]: readonly [number, number, number, number]): () => number {
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** Spreads a small seed over 32 bits: a Weyl sequence through the finaliser of MurmurHash3. */
function splitmix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
