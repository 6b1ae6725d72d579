// Starts a program of C that keeps everything it reads, of an endless file without a line's end.
import { spawn } from 'node:child_process';
export default () => {
  spawn('tail', ['/dev/zero'], { stdio: 'ignore' });
  return new Promise(() => undefined);
};
