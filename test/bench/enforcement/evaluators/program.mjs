// Any of the evaluators beside this file as a program or a thread: the first argument is its name.
import { workerData } from 'node:worker_threads';

const { default: evaluate } = await import(`./${workerData ?? process.argv[2]}.mjs`);
await evaluate({});
