import { existsSync } from 'node:fs';
// One item that lasts until the test says so; then it tells what it was given.
export default ({ path, ...input }, { item }) =>
  item('waiting', async () => {
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
    return { ...input, weights: [...(input.weights ?? [])] };
  });
