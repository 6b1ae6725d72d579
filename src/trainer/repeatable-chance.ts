/** Numbers from 0 on and below 1 by xorshift: Math.random would do, but a run repeats with these. */
export function repeatableChance(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
