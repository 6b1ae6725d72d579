import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlGroupVariable } from '../wire/evaluator-side.ts';

/**
 * The first act of an evaluator's process, before anything of the user's is loaded: it joins the control group that holds all it
 * will start, and offers itself first where the machine's memory runs out. What the system denies is left as it is.
 */
export function joinControlGroup(env: Readonly<Record<string, string | undefined>> = process.env): void {
  const group = env[controlGroupVariable];
  if (group !== undefined) attempt(join(group, 'cgroup.procs'), '0');
  attempt('/proc/self/oom_score_adj', '1000');
}

function attempt(path: string, text: string): void {
  try {
    // Never creates a file where there is none.
    writeFileSync(path, text, { flag: 'r+' });
  } catch {
    // not there, or not allowed
  }
}
