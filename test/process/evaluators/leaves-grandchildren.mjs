import { spawn } from 'node:child_process';
export default (input) => {
  // One in the group, one in a session of its own, one whose parent ends at once.
  spawn('sleep', ['1000'], { stdio: 'ignore' });
  spawn('sleep', ['1000'], { stdio: 'ignore', detached: true }).unref();
  spawn('sh', ['-c', 'sleep 1000 & sleep 1000 &'], { stdio: 'ignore' });
  return new Promise((resolve) => setTimeout(resolve, input.afterMs, { left: 4 }));
};
