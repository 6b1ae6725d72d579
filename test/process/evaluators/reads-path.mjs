// Blocks its thread in a read of what it is given.
import { readFileSync } from 'node:fs';
export default ({ path }) => readFileSync(path, 'utf8');
