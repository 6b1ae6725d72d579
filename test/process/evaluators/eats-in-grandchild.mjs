import { spawn } from 'node:child_process';
const hungry = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8 * 2 ** 20, 1)), 5);';
export default () =>
  new Promise(() => {
    spawn(process.execPath, ['-e', hungry], { stdio: 'ignore' });
  });
