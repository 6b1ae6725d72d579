// Cuts its mailbox to nothing, again and again.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.mjs';
export default async (_input, { item, progress }) => {
  const path = join(ownFolder(), 'mailbox');
  await item('game 1', () => {
    for (let done = 1; ; done++) {
      progress(done);
      truncateSync(path, 0);
    }
  });
};
