export default (input, { signal }) => {
  const wait = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(clearInterval(wait))));
};
