// Holds two thirds of its limit, and starts many programs that take nothing.
import { spawnSync } from 'node:child_process';

export default async ({ holdMb, programs }) => {
  const held = Buffer.alloc(holdMb * 2 ** 20, 1);
  for (let number = 1; number <= programs; number++) {
    spawnSync('true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return held.length;
};
