// A fork bomb of 255 processes, half of them in sessions of their own, which nobody waits for.
import { spawn } from 'node:child_process';
const bomb = `
  fork() {
    if [ $1 -gt 0 ]; then fork $(($1 - 1)) & fork $(($1 - 1)) & fi
    if [ $(($1 % 2)) -eq 0 ]; then exec setsid sleep "$token"; fi
    exec sleep "$token"
  }
  token=$1
  fork 7`;
export default ({ token }) => {
  spawn('sh', ['-c', bomb, 'sh', token], { stdio: 'ignore' });
  return new Promise(() => undefined);
};
