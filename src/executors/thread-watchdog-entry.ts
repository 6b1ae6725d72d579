// What runs first in the watchdog's thread. Everything it does stands in thread-watchdog.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { HostToWatchdog } from './thread-messages.ts';
import { ThreadWatchdog } from './thread-watchdog.ts';

const { heard } = workerData as { readonly heard: SharedArrayBuffer };
const watchdog = new ThreadWatchdog(heard, (message, moved) => {
  parentPort?.postMessage(message, [...moved]);
});
parentPort?.on('message', (message: HostToWatchdog) => {
  watchdog.onMessage(message);
});
