import { parentPort } from 'node:worker_threads';
import answer from './answers.mjs';

parentPort.postMessage(answer());
