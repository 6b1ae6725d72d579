// Spins in threads of its own while its main thread is idle.
import { Worker } from 'node:worker_threads';
export default () => {
  for (let count = 0; count < 3; count++) new Worker('for (;;);', { eval: true });
  return new Promise(() => undefined);
};
