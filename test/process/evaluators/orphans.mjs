// Leaves processes whose parent is gone: in its group, in a session of their own, without its environment, or both.
import { spawn } from 'node:child_process';
const hows = {
  orphaned: ['sh', ['-c', '(sleep "$1" &) &', 'sh']],
  'own-session': ['setsid', ['-f', 'sleep']],
  'empty-environment': ['sh', ['-c', '(env -i sleep "$1" &) &', 'sh']],
  'own-session-empty-environment': ['setsid', ['-f', 'env', '-i', 'sleep']],
};
export default async ({ how, token, answers }) => {
  const [program, args] = hows[how];
  await new Promise((resolve) => spawn(program, [...args, token], { stdio: 'ignore' }).once('exit', resolve));
  return answers ? { left: 1 } : new Promise(() => undefined);
};
