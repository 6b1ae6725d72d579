// Answers, and leaves a timer that ends the process.
export default ({ afterMs }) => {
  setTimeout(() => process.exit(7), afterMs);
  return { pid: process.pid };
};
