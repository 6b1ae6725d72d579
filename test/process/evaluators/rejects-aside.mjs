// A rejection that nobody handles, beside an evaluation that never settles.
export default () => {
  Promise.reject(new Error('rejected beside the evaluation'));
  return new Promise(() => undefined);
};
