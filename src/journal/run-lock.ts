import { randomBytes } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../errors/index.ts';
import { identityOf } from '../probes/index.ts';
import { bootId, isHolderDead, lifeSocketOf, type LockHolder } from './lock-holder.ts';
import { JournalError } from './journal-error.ts';
import { openLifeSocket } from './life-socket.ts';

/** The right to write one run, held by one process at a time. */
export interface RunLock {
  /** Gives it up. It rejects never: a lock that stays is that of a dead process, and is taken over. */
  release(): Promise<void>;
}

/** The lock's name in its run's folder. */
const lockName = 'lock';

/**
 * Takes the lock of a run: a file `lock` in its folder, which tells who holds it. The lock of a process that is dead is taken over,
 * also when its pid belongs to another process by now.
 *
 * Of several that find a dead one only one takes it over: each has to make the file `lock.<nonce of the dead one>` first, which only
 * one can, sees then that the dead one's lock is still the one there, and moves its own over it.
 *
 * @param runFolder is there already
 * @throws {JournalError} `JOURNAL_LOCKED`, with the pid of the holder, when another process has it, or one on another machine, of which
 *   nothing can be known; `JOURNAL_WRITE` when the disk takes no file.
 */
export async function takeRunLock(runFolder: string): Promise<RunLock> {
  const path = join(runFolder, lockName);
  const nonce = randomBytes(6).toString('hex');
  const life = await openLifeSocket(lifeSocketOf(path, nonce)).catch(() => undefined);
  const own: LockHolder = {
    pid: process.pid,
    process: identityOf(process.pid),
    host: hostname(),
    boot: bootId(),
    socket: life !== undefined,
    nonce,
  };
  try {
    await take(path, own);
  } catch (error) {
    await life?.close();
    if (error instanceof JournalError) throw error;
    const message = `The lock ${path} cannot be written (${reasonOf(error)}), so the run cannot be held for this process.`;
    throw new JournalError('JOURNAL_WRITE', message, { path, cause: error });
  }
  return {
    release: async () => {
      letGo(path, nonce);
      await life?.close();
    },
  };
}

/** Whether somebody may be writing a run: there is a lock, and who left it is not dead for certain. */
export async function isRunHeld(runFolder: string): Promise<boolean> {
  const path = join(runFolder, lockName);
  try {
    const holder = await holderOf(path);
    return holder !== undefined && !(await isHolderDead(path, holder));
  } catch {
    return true; // nobody can judge it
  }
}

/** At once, so that this process itself can take it again. One that another has taken over is left alone. */
function letGo(path: string, nonce: string): void {
  try {
    if ((JSON.parse(readFileSync(path, 'utf8')) as LockHolder).nonce === nonce) unlinkSync(path);
  } catch {
    return; // it is gone, or no longer ours
  }
}

/** How often it looks again when the lock changes hands before its eyes. */
const attempts = 10;

async function take(path: string, own: LockHolder): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (await makeOnce(path, own)) return;
    const holder = await holderOf(path);
    if (holder === undefined) continue; // released meanwhile
    if (holder.nonce === own.nonce) return; // another one that took it over has moved ours there in place of its own
    if (!(await isHolderDead(path, holder))) throw locked(path, holder);
    if (await takeOver(path, holder, own)) return;
  }
  throw new JournalError(
    'JOURNAL_LOCKED',
    `The lock ${path} changes hands all the time: look who else uses this run.`,
    {
      path,
    },
  );
}

/** @returns false when another one was quicker. */
async function takeOver(path: string, dead: LockHolder, own: LockHolder): Promise<boolean> {
  const claim = `${path}.${dead.nonce}`;
  if (!(await makeOnce(claim, own))) {
    const claimant = await holderOf(claim);
    if (claimant === undefined) return false;
    if (!(await isHolderDead(path, claimant))) throw locked(path, claimant);
    await unlinkIfThere(claim); // it died in between; whoever makes it next looks again
    return false;
  }
  // The dead one's lock may have been taken over, and its claim be gone, since it was looked at.
  if ((await holderOf(path))?.nonce !== dead.nonce) {
    await unlinkIfThere(claim);
    return false;
  }
  // Of two that find a dead claimant the slower may have removed the claim of the quicker, and made its own in its place.
  await rename(claim, path).catch(ignoreMissing);
  if ((await holderOf(path))?.nonce !== own.nonce) return false;
  if (dead.socket) await unlink(lifeSocketOf(path, dead.nonce)).catch(() => undefined);
  return true;
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/** Makes a file that is whole from its first moment. @returns false when there is one already. */
async function makeOnce(path: string, holder: LockHolder): Promise<boolean> {
  const text = `${JSON.stringify(holder)}\n`;
  const whole = `${path}.${holder.nonce}.new`;
  try {
    await writeFile(whole, text, { flag: 'wx' });
    await link(whole, path).catch(async (error: unknown) => {
      if (!linkless.has((error as NodeJS.ErrnoException).code)) throw error;
      await writeFile(path, text, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(whole).catch(() => undefined);
  }
}

/** What file systems say that have no links. */
const linkless: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** @throws {JournalError} `JOURNAL_LOCKED` for a file that is none of ours, which nobody can judge. */
async function holderOf(path: string): Promise<LockHolder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const told = JSON.parse(text) as Partial<LockHolder> | null;
    if (typeof told?.pid === 'number' && typeof told.process === 'string' && typeof told.nonce === 'string')
      return { host: '', boot: '', socket: false, ...told } as LockHolder;
  } catch {
    // it is said below
  }
  const message = `${path} is there, but does not tell who holds it: if no process writes this run, delete that file.`;
  throw new JournalError('JOURNAL_LOCKED', message, { path });
}

function locked(path: string, { pid, host }: LockHolder): JournalError {
  const isHere = host === hostname();
  const who = `process ${pid}${isHere ? '' : ` on "${host}"`}${isHere && pid === process.pid ? ', which is this one' : ''}`;
  const otherwise = isHere ? 'wait for its end, or end it' : 'if that is gone for certain, delete the lock';
  return new JournalError('JOURNAL_LOCKED', `The run is held by ${who} (${path}): ${otherwise}.`, { path });
}
