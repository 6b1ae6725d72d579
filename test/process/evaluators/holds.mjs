// Waits in an item until a file is there, so that a test says when it may end.
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export default async ({ until }, { item }) => {
  await item('holding', async () => {
    while (!existsSync(until)) await setTimeout(5);
  });
  return process.pid;
};
