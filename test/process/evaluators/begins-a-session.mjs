// Tells the pid of a child in a session of its own, and waits to be asked to stop.
import { spawn } from 'node:child_process';

export default (input, { progress, signal }) => {
  progress({ done: 0, note: String(spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid) });
  return new Promise((resolve) => signal.addEventListener('abort', resolve));
};
