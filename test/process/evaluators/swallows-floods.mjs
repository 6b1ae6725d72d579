// Throws without end, turn after turn, and lets nothing of it end it.
process.on('uncaughtException', () => undefined);
export default () =>
  new Promise(() => {
    const again = () => {
      setImmediate(again);
      throw new Error('once more');
    };
    setImmediate(again);
  });
