import { parentPort } from 'node:worker_threads';
import take from './takes-weights.mjs';

parentPort.on('message', (weights) => parentPort.postMessage(take(weights)));
