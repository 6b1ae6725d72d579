// Hears every signal and every error, and lets none end it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM', 'SIGUSR2']) process.on(signal, () => undefined);
process.on('uncaughtException', () => undefined);
process.on('unhandledRejection', () => undefined);
export default () =>
  new Promise(() => {
    setInterval(() => {
      Promise.reject(new Error('nobody minds'));
      throw new Error('nor this');
    }, 5);
  });
