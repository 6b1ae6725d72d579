// Sleeps on a lock that nobody opens: no CPU, no loop.
export default () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
