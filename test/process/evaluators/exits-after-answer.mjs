// Ends its process right after it has answered.
export default () => {
  setTimeout(() => process.exit(7), 1);
  return { answered: true };
};
