export default () => {
  const kept = [];
  for (;;) kept.push(Buffer.alloc(4 * 2 ** 20, 1));
};
