// Takes memory in a thread of its own, outside of V8's heap.
import { Worker } from 'node:worker_threads';
const hungry = 'const kept = []; for (;;) kept.push(Buffer.alloc(4 * 2 ** 20, 1));';
export default () => {
  new Worker(hungry, { eval: true });
  return new Promise(() => undefined);
};
