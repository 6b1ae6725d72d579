import { parentPort, workerData } from 'node:worker_threads';
import hostile from './hostile.mjs';

parentPort.postMessage(await hostile(workerData));
