// What it has left undone comes right after its end, and fails.
import { writeFileSync } from 'node:fs';

export default ({ path, answers }) => {
  setImmediate(() => {
    writeFileSync(path, '');
    throw new Error('a moment too late');
  });
  if (answers) return 1;
  throw new Error('no answer');
};
