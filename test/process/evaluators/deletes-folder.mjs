// Deletes its own folder, or puts a link to somebody else's in its place.
import { rmSync, symlinkSync } from 'node:fs';
import { ownFolder } from './own-folder.mjs';
export default ({ linkTo, answers }) => {
  const folder = ownFolder();
  rmSync(folder, { recursive: true });
  if (linkTo) symlinkSync(linkTo, folder);
  return answers ? { deleted: true } : new Promise(() => undefined);
};
