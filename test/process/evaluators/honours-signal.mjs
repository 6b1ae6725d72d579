export default (_input, { signal, partial }) =>
  new Promise((_resolve, reject) => {
    partial({ begun: true });
    const alive = setInterval(() => undefined, 1000);
    signal.addEventListener('abort', () => {
      partial({ begun: true, stopped: true });
      clearInterval(alive);
      reject(signal.reason);
    });
  });
