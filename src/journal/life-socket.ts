import { closeSync, openSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { basename, dirname } from 'node:path';

/** A sign of life that the kernel takes away with the process, whatever that process died of. */
export interface LifeSocket {
  close(): Promise<void>;
}

/**
 * Listens on a socket in the file system. Nothing is ever said on it: that somebody listens is what it tells, also while the
 * process's own loop is blocked, and to processes in other containers of the same machine.
 *
 * @returns `undefined` where the file system takes no sockets.
 */
export async function openLifeSocket(path: string): Promise<LifeSocket | undefined> {
  const server = createServer((socket) => {
    socket.destroy();
  });
  const near = shortWay(path);
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(near.path, () => {
      resolve(true);
    });
  });
  if (!listens) {
    near.close();
    return undefined;
  }
  server.on('error', () => undefined); // it serves nobody
  server.unref();
  return { close: () => closed(server, path, near.close) };
}

/** Whether somebody listens; `undefined` when that cannot be told. */
export async function isAliveAt(path: string): Promise<boolean | undefined> {
  const near = shortWay(path);
  const found = await new Promise<boolean | undefined>((resolve) => {
    const socket = connect(near.path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false);
      else resolve(code === 'EAGAIN' ? true : undefined); // its backlog is full: it is there
    });
  });
  near.close();
  return found;
}

/** The longest that the address of a socket may be; on other systems than Linux it is shorter by a few. */
const longestAddress = 100;

/** A way to the same place that is short enough for the address of a socket. */
function shortWay(path: string): { readonly path: string; readonly close: () => void } {
  if (Buffer.byteLength(path) <= longestAddress || process.platform !== 'linux')
    return { path, close: () => undefined };
  const folder = openSync(dirname(path), 'r');
  return {
    path: `/proc/self/fd/${folder}/${basename(path)}`,
    close: () => {
      closeSync(folder);
    },
  };
}

async function closed(server: Server, path: string, onClosed: () => void): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  onClosed(); // the way to it must be open until then: the server takes its socket's name away by it
  await unlink(path).catch(() => undefined);
}
