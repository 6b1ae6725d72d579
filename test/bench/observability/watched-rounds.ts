import type { TrainedWindow, WatchedTraining } from './watched-training.ts';

/** What trainings did by their names, a window a round. */
export type Windows = ReadonlyMap<string, readonly TrainedWindow[]>;

/** Has them train in turns, in another order each round. The first round is for the compiler, and is not counted. */
export async function inRounds(
  watched: readonly WatchedTraining[],
  { rounds, windowMs }: { readonly rounds: number; readonly windowMs: number },
): Promise<Windows> {
  const found = new Map<string, TrainedWindow[]>(watched.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const { name, train } of shuffled(watched)) {
      const window = await train(windowMs);
      if (round >= 0) found.get(name)?.push(window);
    }
  return found;
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
