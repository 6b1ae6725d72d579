export default async (_input, { item }) => {
  await item('game 1', () => 1);
  await item('game 2', () => {
    for (;;);
  });
};
