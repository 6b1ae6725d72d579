// A core, and nothing else.
let value = 0;
export default () => {
  for (;;) value = Math.sin(value + 1);
};
