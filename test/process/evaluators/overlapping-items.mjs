// Six items, two at any time, each shorter than the limit that all of them together break.
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
export default async (_input, { item }) => {
  let games = 0;
  const table = async (name) => {
    for (let round = 1; round <= 3; round++) await item(`${name} ${round}`, pause).then(() => games++);
  };
  await Promise.all([table('first'), pause().then(() => table('second'))]);
  return { games };
};
