import { getPriority, setPriority } from 'node:os';
export default () => {
  try {
    setPriority(0, -5); // it may not take back what it was given
  } catch {
    // refused, as it should be
  }
  const { PITWALL_TEST_WORD: word, PATH: path } = process.env;
  return { word, path, canCollect: typeof globalThis.gc === 'function', nice: getPriority() };
};
