// Throws an error with 10 MB of message, and as much of stack.
export default () => {
  throw new Error('words '.repeat((10 * 2 ** 20) / 6));
};
