// Prints much more than a pipe takes, without a turn of the loop, and tells what of it has stayed in this process.
export default ({ bytes }) => {
  const line = 'x'.repeat(999);
  for (let printed = 0; printed < bytes; printed += 1000) console.log(line);
  return { heldBack: process.stdout.writableLength };
};
