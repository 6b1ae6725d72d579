// Marks items as fast as it can.
export default async (_input, { item }) => {
  for (let game = 1; ; game++) await item(`game ${game}`, () => game);
};
