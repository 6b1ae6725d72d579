// Closes the port that Node gives to a thread: ours is another.
import { setImmediate } from 'node:timers';
import { parentPort } from 'node:worker_threads';
export default async () => {
  parentPort?.close();
  await new Promise(setImmediate);
  throw new Error('thrown after it had closed its port');
};
