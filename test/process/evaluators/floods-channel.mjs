// Writes to its channel as fast as it can, for ever.
import { writeSync } from 'node:fs';
export default ({ text }) => {
  const much = text.repeat(Math.ceil(65_536 / text.length));
  for (;;) writeSync(3, much);
};
