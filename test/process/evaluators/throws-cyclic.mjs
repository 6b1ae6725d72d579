// Throws an error that is its own cause and holds itself.
export default () => {
  const error = new Error('round and round');
  error.cause = error;
  error.self = { error };
  throw error;
};
