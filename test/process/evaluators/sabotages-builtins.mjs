// Replaces what the library in its process is built on.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
export default () => {
  JSON.stringify = () => '{"type":"ready"}';
  Object.prototype.type = 'result';
  fs.writeFileSync = () => undefined;
  syncBuiltinESMExports();
  return { sabotaged: true };
};
