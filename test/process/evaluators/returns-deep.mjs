// Answers with an object nested a million times.
export default () => {
  let nested = {};
  for (let depth = 0; depth < 1_000_000; depth++) nested = { nested };
  return nested;
};
