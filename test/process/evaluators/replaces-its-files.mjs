// Puts a folder in the place of its mailbox, or a file in that of its whole folder.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.mjs';
export default ({ what }) => {
  const folder = ownFolder();
  const path = what === 'mailbox' ? join(folder, 'mailbox') : folder;
  rmSync(path, { recursive: true });
  if (what === 'mailbox') mkdirSync(path);
  else writeFileSync(path, '');
  return { replaced: what };
};
