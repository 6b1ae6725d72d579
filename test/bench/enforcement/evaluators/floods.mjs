const line = 'x'.repeat(999);
export default () => {
  for (;;) console.log(line);
};
