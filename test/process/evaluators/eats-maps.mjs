export default () => {
  const map = new Map();
  for (let key = 0; ; key++) map.set(key, { key, text: `value ${key}` });
};
