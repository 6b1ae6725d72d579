export default () => {
  console.log('the last line it printed');
  process.exit(3);
};
