// What it has left undone fails right after its answer.
export default () => {
  setImmediate(() => {
    throw new Error('a moment too late');
  });
  return 1;
};
