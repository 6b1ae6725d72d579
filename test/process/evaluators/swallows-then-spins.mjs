// Survives one error, and then never comes back to its loop.
process.on('uncaughtException', () => {
  for (;;);
});
export default () =>
  new Promise(() => {
    setImmediate(() => {
      throw new Error('the last one');
    });
  });
