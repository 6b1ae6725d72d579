// What runs first in an evaluation's thread. Everything it does stands in thread-evaluator.ts.
import { workerData, type MessagePort } from 'node:worker_threads';
import { runEvaluatorThread } from './thread-evaluator.ts';
import type { ThreadBirth } from './thread-messages.ts';

const { birth, port } = workerData as { readonly birth: ThreadBirth; readonly port: MessagePort };
runEvaluatorThread(birth, port);
