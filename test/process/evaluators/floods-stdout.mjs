const line = 'x'.repeat(65_000);
export default () => {
  for (;;) {
    console.log(line);
    console.error(line);
  }
};
