import { openSync, writeSync } from 'node:fs';
// Writes the wall clock as fast as it can, so that its last word tells when it was really ended.
export default (input) => {
  const fd = openSync(input.path, 'w');
  for (;;) writeSync(fd, String(Date.now()), 0);
};
