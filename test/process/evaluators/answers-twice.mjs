// Answers, and takes it back in the same breath.
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers';
export default () => {
  const failed = JSON.stringify({ type: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message: 'no' });
  setImmediate(() => writeSync(3, `\n${failed}\n{"type":"result"}\n{"type":"ready"}\n`));
  return { first: true };
};
