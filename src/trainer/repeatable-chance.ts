/**
 * Numbers from 0 on and below 1 by xorshift: Math.random would do, but a run repeats with these.
 *
 * @param seed other numbers for each text
 */
export function repeatableChance(seed = ''): () => number {
  let state = 0x2545f491;
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  if (state === 0) state = 1; // it would stay 0
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
