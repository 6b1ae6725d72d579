// Three items, progress, a partial result, and all kinds of arrays back.
export default async (input, { item, progress, partial, seed }) => {
  let sum = 0;
  for (let game = 1; game <= 3; game++) {
    sum += await item(`game ${game}`, () => game);
    progress(game, 3);
    partial({ sum });
  }
  return { sum, seed, input };
};
