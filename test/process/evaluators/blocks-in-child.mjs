// Blocks its thread until a child ends, which it does not.
import { execFileSync } from 'node:child_process';
export default ({ token }) => {
  execFileSync('sleep', [token]);
};
