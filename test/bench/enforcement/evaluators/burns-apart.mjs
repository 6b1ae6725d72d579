// Burns `burners` cores by children in sessions of their own: there the lowest priority says nothing against the training's.
import { spawn } from 'node:child_process';

export default ({ burners }, { signal }) => {
  for (let burner = 0; burner < burners; burner++)
    spawn(process.execPath, ['-e', 'let v = 0; for (;;) v = Math.sin(v + 1)'], { detached: true, stdio: 'ignore' });
  const wait = setInterval(() => undefined, 60_000);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(clearInterval(wait))));
};
