// Burns `burners` cores by children in sessions of their own: there their priority says nothing against the training's, but their
// session's does. Those that `raise` it do so again and again.
import { spawn } from 'node:child_process';

const burn = `
const { writeFileSync } = require('node:fs');
const raise = () => { try { writeFileSync('/proc/self/autogroup', '0'); } catch {} };
let value = 0;
for (;;) {
  if (process.argv[1] === 'raise') raise();
  for (let turn = 0; turn < 1e5; turn++) value = Math.sin(value + 1);
}`;

export default ({ burners, raise = false }, { signal }) => {
  for (let burner = 0; burner < burners; burner++)
    spawn(process.execPath, ['-e', burn, raise ? 'raise' : 'burn'], { detached: true, stdio: 'ignore' });
  const wait = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(clearInterval(wait))));
};
