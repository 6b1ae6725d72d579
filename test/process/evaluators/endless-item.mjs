// One item never ends, while others beside it come and go.
export default async (_input, { item }) => {
  void item('endless', () => new Promise(() => undefined));
  for (let game = 1; ; game++) await item(`game ${game}`, () => new Promise((resolve) => setTimeout(resolve, 20)));
};
