// Kills who watches it: its parent, its whole group, or the supervisor wherever that is above it.
import { readFileSync } from 'node:fs';
const read = (pid, what) => readFileSync(`/proc/${pid}/${what}`, 'utf8');
const supervisorFrom = (pid) =>
  /supervisor\/entry/.test(read(pid, 'cmdline'))
    ? pid
    : supervisorFrom(Number(/\nPPid:\t(\d+)/.exec(read(pid, 'status'))[1]));
export default ({ whom }) => {
  if (whom === 'parent') process.kill(process.ppid, 'SIGKILL');
  if (whom === 'group') process.kill(0, 'SIGKILL');
  if (whom === 'supervisor') process.kill(supervisorFrom(process.ppid), 'SIGKILL');
  return new Promise(() => undefined);
};
