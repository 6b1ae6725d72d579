// Has a shell start a program in the background that takes 400 MB, and is gone before anybody looks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const grows = 'globalThis.held = Buffer.alloc(400 * 2 ** 20, 1); setInterval(() => undefined, 1000);';

export default async (input, { signal }) => {
  const shell = spawn('sh', ['-c', '"$@" & exit 0', 'sh', process.execPath, '-e', grows], { stdio: 'ignore' });
  await once(shell, 'exit');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
};
