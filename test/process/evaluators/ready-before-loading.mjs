// Says that it is ready while it still loads, and never is.
import { writeSync } from 'node:fs';
writeSync(3, '\n{"type":"ready"}\n');
await new Promise(() => undefined);
export default () => 1;
