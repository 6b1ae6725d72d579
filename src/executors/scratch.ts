import { accessSync, constants, mkdirSync, rmdirSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sharedMemory = '/dev/shm';

/**
 * Where this process keeps the folders of its evaluations: in shared memory, or in the temporary folder where there is none or
 * it is small. The supervisor removes it when this process ends.
 */
export class Scratch {
  readonly root: string;
  #folders = 0;

  /** @param token a part of the name that no other host has */
  constructor(token: string) {
    this.root = join(hasRoom(sharedMemory) ? sharedMemory : tmpdir(), `pitwall-${process.pid}-${token}`);
  }

  /** Makes a new folder of one evaluation. */
  folder(): string {
    const path = join(this.root, String(++this.#folders));
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** Removes one evaluation's folder; never errors. */
  async remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** Removes it if nothing is in it any more. */
  removeIfEmpty(): void {
    try {
      rmdirSync(this.root);
    } catch {
      // somebody still reads or waits there, or it never was
    }
  }
}

const leastRoomBytes = 256 * 2 ** 20;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= leastRoomBytes;
  } catch {
    return false;
  }
}
