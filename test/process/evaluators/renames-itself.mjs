// Takes its marks out of its environment, or puts another's there, and starts children that inherit the lie.
import { spawn } from 'node:child_process';
export default ({ token, answers }) => {
  for (const name of Object.keys(process.env)) if (name.startsWith('PITWALL_')) process.env[name] = 'somebody-else';
  spawn('sleep', [token], { stdio: 'ignore', detached: true }).unref();
  for (const name of Object.keys(process.env)) if (name !== 'PATH') delete process.env[name];
  spawn('sleep', [token], { stdio: 'ignore', detached: true }).unref();
  return answers ? { left: 2 } : new Promise(() => undefined);
};
