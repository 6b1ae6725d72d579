// Stops (SIGSTOP) itself, or its whole group with what guards it.
export default ({ group }) => {
  process.kill(group ? 0 : process.pid, 'SIGSTOP');
  return new Promise(() => undefined);
};
