export default (_input, { signal, partial, progress }) =>
  new Promise((_resolve, reject) => {
    partial({ begun: true });
    progress(1);
    const alive = setInterval(() => undefined, 1000);
    signal.addEventListener('abort', () => {
      partial({ begun: true, stopped: true });
      clearInterval(alive);
      reject(signal.reason);
    });
  });
