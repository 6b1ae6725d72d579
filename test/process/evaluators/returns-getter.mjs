// Answers with what throws when it is read.
export default () => ({
  get winRate() {
    throw new Error('look away');
  },
});
