// Begins items as fast as it can, under ever new names, and ends none.
export default (_input, { item }) => {
  for (let game = 1; ; game++) void item(`game ${game} ${'x'.repeat(180)}`, () => new Promise(() => undefined));
};
