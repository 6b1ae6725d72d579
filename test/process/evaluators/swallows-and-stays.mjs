// Survives its errors, and would rather not leave.
process.on('uncaughtException', () => undefined);
process.on('exit', () => {
  for (;;);
});
process.exit = () => undefined;
export default () =>
  new Promise(() => {
    setInterval(() => {
      throw new Error('no');
    }, 20);
  });
