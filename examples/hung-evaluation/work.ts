/** Keeps the thread busy for about so many milliseconds, as a step of a training does. */
export function trainFor(milliseconds: number): number {
  const untilMs = performance.now() + milliseconds;
  let sum = 0;
  for (let turn = 1; performance.now() < untilMs; turn++) sum += Math.sqrt(turn);
  return sum;
}
