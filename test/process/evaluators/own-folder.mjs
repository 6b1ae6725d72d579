// Where this evaluation's files lie, found as a hostile evaluator would find it: by what is open.
import { readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
export function ownFolder() {
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // the descriptor of this very look
    }
  });
  return dirname(open.find((path) => path.endsWith('/mailbox')));
}
